"""What users and operators do, from outside: each function of JOURNEYS is one story, on an account of its own. Together they
take the routes and commands that the end-to-end tests try on services of their own alone.
"""

import json
import subprocess

from .client import Unexpected, new_address

PASSWORD = "a fine password for one trial"
OTHER = "another fine password of this trial"


class Trial:
    """Where the stories play."""

    def __init__(self, api, stack, inbox):
        self.api = api
        self.stack = stack
        self.inbox = inbox

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


def refresh_and_reuse(at):
    """A refresh, the same one again, the next one; one that is too old is refused, and the session goes on."""
    _, first = at.register()
    second = at.api.post("/refresh", {"refresh_token": first["refresh_token"], "access_token": first["access_token"]}).is_(200)
    again = at.api.post("/refresh", {"refresh_token": first["refresh_token"]}).is_(200)
    again.must(again["refresh_token"] == second["refresh_token"], "should have been the same token")
    third = at.api.post("/refresh", {"refresh_token": second["refresh_token"]}).is_(200)
    at.api.post("/refresh", {"refresh_token": first["refresh_token"]}).is_(400, "invalid_grant")
    at.api.get("/weather", token=third["access_token"]).is_(200)
    at.api.post("/logout", {"refresh_token": third["refresh_token"]}).is_(204)
    at.api.post("/refresh", {"refresh_token": third["refresh_token"]}).is_(400, "invalid_grant")


def stolen(at):
    """A token from four refreshes ago can only be a copy, and ends the session."""
    _, answer = at.register()
    stolen = answer["refresh_token"]
    for _ in range(5):
        answer = at.api.post("/refresh", {"refresh_token": answer["refresh_token"]}).is_(200)
    at.api.post("/refresh", {"refresh_token": stolen}).is_(400, "invalid_grant")
    at.api.post("/refresh", {"refresh_token": answer["refresh_token"]}).is_(400, "invalid_grant")


def oauth(at):
    _, first = at.register()
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], "client_id": "ratchet"}
    second = at.api.post("/oauth2/token", form=form).is_(200)
    at.api.post("/oauth2/revoke", form={"token": second["access_token"]}).is_(200)
    at.api.post("/refresh", {"refresh_token": second["refresh_token"]}).is_(400, "invalid_grant")


def sessions(at):
    address, first = at.register()
    for agent in range(3):
        newest = at.login(address, device_token=first["device_token"])
    listed = at.api.get("/sessions", token=newest["access_token"]).is_(200)
    listed.must(len(listed["sessions"]) == 4, "should have four sessions")
    other = next(each["id"] for each in listed["sessions"] if not each["current"])
    at.api.send("DELETE", f"/sessions/{other}", token=newest["access_token"]).is_(204)
    at.api.send("DELETE", "/sessions?except=current", token=newest["access_token"]).is_(204)
    left = at.api.get("/sessions", token=newest["access_token"]).is_(200)
    left.must(len(left["sessions"]) == 1, "should have one session")
    at.api.get("/me", token=newest["access_token"]).is_(200)
    at.api.send("DELETE", "/sessions", token=newest["access_token"]).is_(204)


def guessing(at):
    """Wrong passwords are slowed down; the device of the owner is not, and its sign-in forgets what was counted for it."""
    address, first = at.register()
    # A delay is longer than the one before, so that a slow machine meets it too.
    for _ in range(15):
        answer = at.api.post("/login", {"email": address, "password": "a wrong password"})
        if answer.status == 429:
            break
    answer.is_(429).must("retry-after" in answer.headers, "should say when to come again")
    at.api.post("/login", {"email": address, "password": "a wrong password", "device_token": first["device_token"]}).is_(401)
    at.login(address, device_token=first["device_token"])


def password(at):
    address, first = at.register_and_verify()
    change = {"current_password": PASSWORD, "new_password": OTHER}
    at.api.post("/password", {**change, "current_password": "a wrong password"}, token=first["access_token"]).is_(401)
    changed = at.api.post("/password", change, token=first["access_token"]).is_(200)
    at.api.post("/refresh", {"refresh_token": first["refresh_token"]}).is_(400, "invalid_grant")
    at.login(address, OTHER, device_token=changed["device_token"])
    at.inbox.newest(address, "password_changed")


def verified_address(at):
    """The code that was mailed at the registration proves the address."""
    _, first = at.register_and_verify()
    refreshed = at.api.post("/refresh", {"refresh_token": first["refresh_token"]}).is_(200)
    refreshed.must(refreshed["user"]["email_verified"], "should say that the address is proven")


def forgotten_password(at):
    address, first = at.register()
    at.api.post("/password/reset-request", {"email": address, "device_token": first["device_token"]}).is_(202)
    code = at.inbox.newest(address, "reset")["code"]
    at.api.post("/password/reset", {"token": code, "new_password": OTHER}).is_(204)
    at.api.post("/refresh", {"refresh_token": first["refresh_token"]}).is_(400, "invalid_grant")
    at.login(address, OTHER)


def other_address(at):
    """A proven address is changed, and the change undone."""
    address, first = at.register_and_verify()
    new = new_address()
    at.api.post("/email", {"new_email": new, "current_password": PASSWORD}, token=first["access_token"]).is_(202)
    code = at.inbox.newest(new, "change_address")["code"]
    moved = at.api.post("/email/confirm", {"token": code}, token=first["access_token"]).is_(200)
    moved.must(moved["user"]["email"] == new, "should have the new address")
    undo = at.inbox.newest(address, "address_changed")["code"]
    at.api.post("/email/undo", {"token": undo}).is_(204)
    at.api.post("/refresh", {"refresh_token": moved["refresh_token"]}).is_(400, "invalid_grant")
    reset = at.inbox.newest(address, "reset")["code"]
    at.api.post("/password/reset", {"token": reset, "new_password": OTHER}).is_(204)
    at.login(address, OTHER)


def name_data_and_deletion(at):
    address, first = at.register_and_verify()
    token = first["access_token"]
    at.api.send("PATCH", "/me", {"name": "Another"}, token=token).is_(200)
    data = at.api.get("/me/data", token=token).is_(200)
    data.must(data["account"]["email"] == address and len(data["sessions"]) == 1, "should have the account and its session")
    at.api.send("DELETE", "/me", {"current_password": PASSWORD}, token=token).is_(204)
    at.inbox.newest(address, "account_deleted")
    at.login(address, status=401)


def operators(at):
    """The command `ratchet` finds the function of the stack, and does all that it can."""
    address, first = at.register()
    at.operate("user", "add-role", address, "admin")
    refreshed = at.api.post("/refresh", {"refresh_token": first["refresh_token"]}).is_(200)
    refreshed.must(refreshed["user"]["roles"] == ["admin"], "should have the role")
    at.operate("user", "set-claims", address, '{"plan":"pro"}')
    shown = at.operate("user", "show", address)
    at.operate("user", "show", shown["user"]["user_id"])
    at.operate("sessions", address)
    at.operate("user", "list")
    at.operate("export")
    link = at.operate("user", "reset-link", address)["link"]
    at.api.post("/password/reset", {"token": link.split("=")[1], "new_password": OTHER}).is_(204)
    at.login(address, OTHER)
    at.operate("user", "end-sessions", address)
    new = new_address()
    at.operate("user", "set-email", address, new)
    at.operate("user", "disable", new)
    at.login(new, OTHER, status=401)
    at.operate("user", "enable", new)
    at.operate("user", "delete", new)


def invitation(at):
    address = new_address()
    at.operate("user", "create", address, "--name", "Invited", "--invite")
    code = at.inbox.newest(address, "invitation")["code"]
    at.api.post("/password/reset", {"token": code, "new_password": PASSWORD}).is_(204)
    at.login(address)


JOURNEYS = [
    refresh_and_reuse,
    stolen,
    oauth,
    sessions,
    guessing,
    password,
    verified_address,
    forgotten_password,
    other_address,
    name_data_and_deletion,
    operators,
    invitation,
]
