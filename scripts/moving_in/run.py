"""Tries the commands of docs/moving-in.md on the samples: what they print is imported, and each account is what it was there."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

from . import page, postgres, totp
from .systems import SAMPLES, SYSTEMS

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class Service:
    """The service of `cargo run`, with its tables and its keys in a directory: the command reads the keys there."""

    def __init__(self, programs, directory):
        command = [programs / "local", "--data-dir", directory, "--port", "0", "--dynamodb-port", "0"]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        said = ""
        while "Try:" not in said:
            line = self.process.stdout.readline()
            assert line, f"the service does not start: {said}"
            said += line
        self.url = re.search(r"^API +(\S+)", said, re.MULTILINE).group(1)
        self.ratchet = [programs / "ratchet", "--endpoint-url", re.search(r"^DynamoDB +(\S+)", said, re.MULTILINE).group(1)]
        self.ratchet += ["--data-dir", directory]

    def run(self, *arguments):
        done = subprocess.run([*self.ratchet, *map(str, arguments)], capture_output=True, text=True)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def sign_in(self, email, password, **factor):
        body = json.dumps({"email": email, "password": password, **factor}).encode()
        request = urllib.request.Request(f"{self.url}/login", body, {"content-type": "application/json"})
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)["user"]
        except urllib.error.HTTPError as error:
            return json.load(error)["error"]

    def stop(self):
        self.process.terminate()
        self.process.wait()


def prepare(system, directory, database):
    """Puts the sample where the command looks for it. Returns the environment that the command needs."""
    sample, environment = SAMPLES / system.sample, dict(os.environ)
    if system.command == "sqlite3":
        subprocess.run(["sqlite3", "app.db"], cwd=directory, stdin=sample.open(), check=True)
    elif system.command == "psql":
        environment |= database.fresh(sample)
    elif "." in system.stands_for:
        (directory / system.stands_for).write_bytes(sample.read_bytes())
    else:
        # A program that prints the sample, whatever it is asked for.
        program = directory / system.stands_for
        program.write_text(f'#!/bin/sh\nexec cat "{sample}"\n')
        program.chmod(0o755)
        environment["PATH"] = f"{directory}:{environment['PATH']}"
    return environment


def lines(system, command, program, database):
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        environment = prepare(system, directory, database)
        (directory / page.program_file(command)).write_text(program)
        for said, meant in system.page_says.items():
            command = command.replace(said, meant)
        subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=directory, env=environment, check=True)
        return (directory / "users.jsonl").read_text()


def judge(service, email, account):
    """What is wrong with an account after the import."""
    user = json.loads(service.run("--json", "user", "show", email))["user"]
    found = (user["name"], user["email_verified"], user["disabled"], tuple(user["roles"]))
    meant = (account.name, account.verified, account.disabled, account.roles)
    if found != meant:
        yield f"{email} is {found}, not {meant}"
    factor = {"totp": totp.code(account.totp)} if account.totp else {}
    if account.totp and service.sign_in(email, account.password) != "mfa_required":
        yield f"{email}: no code is asked for"
    signed_in = service.sign_in(email, account.password or "no password at all", **factor)
    may_sign_in = account.password is not None and not account.disabled
    if may_sign_in != (isinstance(signed_in, dict) and signed_in["email"] == email):
        yield f"{email}: a sign-in is answered {signed_in}"
    if service.sign_in(email, "a wrong guess") != "invalid_credentials":
        yield f"{email}: a wrong password is not answered as everybody's"


def try_out(name, system, command, program, programs, database):
    printed = lines(system, command, program, database)
    emails = [json.loads(line)["email"] for line in printed.splitlines()]
    if emails != list(system.accounts):
        return [f"the command prints {emails}"]
    with tempfile.TemporaryDirectory() as directory:
        service = Service(programs, directory)
        try:
            with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
                file.write(printed)
                file.flush()
                service.run("import", file.name, "--dry-run")
                service.run("import", file.name)
            return [problem for email, account in system.accounts.items() for problem in judge(service, email, account)]
        finally:
            service.stop()


def main(programs):
    commands = list(page.commands((ROOT / "docs/moving-in.md").read_text()))
    assert len(commands) == len(SYSTEMS), f"{len(commands)} commands on the page, {len(SYSTEMS)} samples"
    failed = False
    with postgres.Database() as database:
        for (command, program), (name, system) in zip(commands, SYSTEMS.items()):
            assert command.startswith(system.command), f"{name}: the page has {command}"
            problems = try_out(name, system, command, program, programs, database)
            print(f"{name}: {'; '.join(problems) or f'{len(system.accounts)} accounts'}")
            failed |= bool(problems)
    return failed


sys.exit(main(pathlib.Path(sys.argv[1])))
