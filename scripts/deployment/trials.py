"""What is tried on the deployed stack, in the order of a run. Each trial returns what is wrong, a line for each thing."""

import json
import os
import pathlib
import subprocess
import time

import boto3

from .client import Api, Unexpected
from .gaps import SMOKE
from .journeys import JOURNEYS
from .journeys.trial import Trial

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent
# The modules of the end-to-end suite with tests that take any service. The others start services of their own.
ANY_SERVICE = ("Service::any()", "Browser::signed_in()")


def journeys(at):
    for journey in JOURNEYS:
        try:
            journey(at)
        except Unexpected as unexpected:
            yield f"{journey.__name__}: {unexpected}"


def start_smoke(stack):
    """Begins scripts/smoke, which waits out an access token."""
    table = stack.output("RefreshTokensTableName")
    return subprocess.Popen([SCRIPTS / "smoke", stack.url, table], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def end_smoke(smoke):
    said, _ = smoke.communicate(timeout=180)
    lines = [line.split(None, 1) for line in said.splitlines() if line and "|" not in line]
    failed = {rest for word, rest in lines if word == "FAIL"}
    passed = {rest for word, rest in lines if word == "ok"}
    yield from (f"smoke: {line}" for line in sorted(failed - SMOKE.keys()))
    yield from (f"smoke: no longer a gap, so take it out of gaps.py: {line}" for line in sorted(SMOKE.keys() & passed))
    yield from (f"smoke does not say: {line}" for line in sorted(SMOKE.keys() - passed - failed))
    if len(passed) < 15:
        yield f"smoke has only {len(passed)} lines that say ok:\n{said}"


def end_to_end(url, work, emulation, known=()):
    """The end-to-end tests that take any service. Those that are known to fail must fail."""
    folder = SCRIPTS.parent / "tests/tests/e2e"
    sources = [file for file in folder.rglob("*.rs") if any(text in file.read_text() for text in ANY_SERVICE)]
    modules = [str(file.relative_to(folder).with_suffix("")).removesuffix("/mod").replace("/", "::") + "::" for file in sources]
    command = [os.environ["RATCHET_TESTS"], "--test-threads", "4", *sorted(modules)]
    environment = {**os.environ, "RATCHET_URL": url, "RATCHET_EMULATION": emulation}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=SCRIPTS.parent)
    (work / "e2e.log").write_text(ended.stdout + ended.stderr)
    print("   ", next((line for line in ended.stdout.splitlines() if line.startswith("test result")), "no result"))
    failed = {line.split()[1] for line in ended.stdout.splitlines() if line.endswith("... FAILED")}
    yield from (f"end-to-end test {name}: see {work / 'e2e.log'}" for name in sorted(failed - {*known}))
    yield from (f"no longer a gap, so take it out of gaps.py: {name}" for name in sorted({*known} - failed))
    if ended.returncode and not failed:
        yield f"the end-to-end tests ended with {ended.returncode}: see {work / 'e2e.log'}"
    if len(modules) <= 5:
        yield "where are the tests that take any service?"


class Before:
    """A user who signed in before a change of the stack, and must not notice it."""

    def __init__(self, at):
        self.address, self.answer = at.register()
        self.expires = time.monotonic() + self.answer["expires_in"]

    def problems(self, at, what):
        try:
            if time.monotonic() < self.expires - 5:
                at.api.get("/weather", token=self.answer["access_token"]).is_(200)
            refreshed = at.api.post("/refresh", {"refresh_token": self.answer["refresh_token"]}).is_(200)
            at.api.get("/weather", token=refreshed["access_token"]).is_(200)
            at.login(self.address, device_token=self.answer["device_token"])
        except Unexpected as unexpected:
            yield f"after {what}: {unexpected}"


def set_parameters(stack, *parameters):
    """scripts/set-parameters, with the AWS CLI. Returns what it says if it fails."""
    ended = subprocess.run(
        [SCRIPTS / "set-parameters", *parameters], env={**os.environ, "STACK": stack.name}, capture_output=True, text=True
    )
    return "" if ended.returncode == 0 else ended.stderr.strip() or "it failed"


def rotation(at):
    """The next key signs, what the old one has signed is good, and the parameters that need `sam deploy` are refused."""
    before, kid = Before(at), at.stack.output("SigningKeyId")
    another = str(int(at.stack.parameters()["KeyRotation"]) + 1)
    if problem := set_parameters(at.stack, f"KeyRotation={another}", "LogLevel=DEBUG"):
        yield f"set-parameters: {problem}"
        return
    after = at.stack.output("SigningKeyId")
    keys = {each["kid"] for each in at.api.get("/.well-known/jwks.json").is_(200)["keys"]}
    if after == kid or not {kid, after} <= keys:
        yield f"the rotation went from {kid} to {after}, and the JWK set has {sorted(keys)}"
    yield from before.problems(at, "the rotation")
    function = at.stack.physical(at.stack.resources("AWS::Lambda::Function")[0])
    variables = boto3.client("lambda").get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    if variables["LOG_LEVEL"] != "DEBUG":
        yield f"LogLevel=DEBUG has left {function} at {variables['LOG_LEVEL']}"
    if at.stack.parameters()["KeyRotation"] != another:
        yield f"KeyRotation is not {another}"


def rollback(at, build, template):
    """A resource that fails after the keys were rotated takes everything back, the keys too."""
    before, kid = Before(at), at.stack.output("SigningKeyId")
    planted = json.loads(json.dumps(template))
    resources = planted["Resources"]
    keys = resources["KeySet"]["Properties"]
    functions = [name for name, each in resources.items() if each["Type"] == "AWS::Serverless::Function" and "Condition" not in each]
    # The custom resource lacks what the function needs, so it says that it has failed.
    resources["Breaks"] = {
        "Type": "AWS::CloudFormation::CustomResource",
        "DependsOn": ["KeySet", *functions],
        "Properties": {key: value for key, value in keys.items() if key != "KeyRotation"},
    }
    if at.stack.deploy(build, "KeyRotation=planted", template=planted):
        yield "a deployment with a resource that fails went well"
    if (status := at.stack.status()) != "UPDATE_ROLLBACK_COMPLETE":
        yield f"after a failure the stack is {status}: {at.stack.said[-1500:]}"
    if (after := at.stack.output("SigningKeyId")) != kid:
        yield f"the failure has left another signing key: {after}, which was {kid}"
    yield from before.problems(at, "a rollback")


def teardown(stack, lost=()):
    """Nothing is left but what must outlive the stack, less what the emulator is known to lose."""
    kept = {stack.physical(name) for name in stack.retained() if name not in lost}
    stack.delete()
    database, secrets = boto3.client("dynamodb"), boto3.client("secretsmanager")
    names = [
        *database.list_tables()["TableNames"],
        *(each["Name"] for each in secrets.list_secrets()["SecretList"]),
        *(each["FunctionName"] for each in boto3.client("lambda").list_functions()["Functions"]),
    ]
    left = {name for name in names if name.startswith(f"{stack.name}-")}
    # Of a secret the stack has the ARN, which has the name in it.
    missing = {name for name in kept if not any(each in name for each in left)}
    more = {each for each in left if not any(each in name for name in kept)}
    if missing or more:
        yield f"the deleted stack leaves {sorted(more)} that it should not, and not {sorted(missing)}"


def sign_in_works(url):
    """Somebody registers, and the token opens a protected route."""
    at = Trial(Api(url), None, None)
    try:
        _, answer = at.register()
        at.api.get("/weather", token=answer["access_token"]).is_(200)
    except Unexpected as unexpected:
        yield str(unexpected)
