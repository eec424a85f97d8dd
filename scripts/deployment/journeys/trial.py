"""Where the stories play."""

import contextlib
import json
import subprocess

import boto3

from ..client import Unexpected, new_address
from ..rows import SessionRows

PASSWORD = "a fine password for one trial"
OTHER = "another fine password of this trial"


class Trial:
    """Where the stories play."""

    def __init__(self, api, stack, inbox):
        self.api = api
        self.stack = stack
        self.inbox = inbox
        self.rows = SessionRows(stack)

    def register(self):
        address = new_address()
        signed_in = self.api.post("/register", {"email": address, "password": PASSWORD, "name": "Trial"}).is_(201)
        return address, signed_in

    def register_and_verify(self):
        address, answer = self.register()
        code = self.inbox.newest(address, "verify")["code"]
        self.api.post("/email/verify", {"token": code}, token=answer["access_token"]).is_(204)
        return address, answer

    def login(self, address, password=PASSWORD, status=200, **more):
        return self.api.post("/login", {"email": address, "password": password, **more}).is_(status)

    def operate(self, *command, secret=False):
        """The command `ratchet` on the stack. Returns the function's last answer."""
        arguments = ["ratchet", "--stack", self.stack.name, "--json", *command]
        ended = subprocess.run(arguments, capture_output=True, text=True, timeout=90)
        if ended.returncode:
            raise Unexpected(f"ratchet {' '.join(command[:2])} failed: {ended.stderr.strip()[:300]}")
        lines = ended.stdout.strip().splitlines()
        return json.loads(lines[-1]) if lines else {}

    @contextlib.contextmanager
    def setting(self, logical, **variables):
        """Another value of a parameter that one function reads, for a while."""
        functions, name = boto3.client("lambda"), self.stack.physical(logical)
        before = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        self._set(functions, name, {**before, **variables})
        try:
            yield
        finally:
            self._set(functions, name, before)

    @staticmethod
    def _set(functions, name, variables):
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
        functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
