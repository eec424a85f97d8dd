"""Sessions, passwords and addresses."""

from ..client import new_address
from .trial import OTHER, PASSWORD


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
    change = {"current_password": PASSWORD, "new_password": OTHER, "device_token": first["device_token"]}
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


def new_device(at):
    """A sign-in on a device that has never signed in is mailed."""
    address, _ = at.register_and_verify()
    at.login(address)
    at.inbox.newest(address, "new_device")


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


def address_after_address(at):
    """A change of the address is undone, although the address has changed again since."""
    address, user = at.register_and_verify()
    for new in (new_address(), new_address()):
        at.api.post("/email", {"new_email": new, "current_password": PASSWORD}, token=user["access_token"]).is_(202)
        code = at.inbox.newest(new, "change_address")["code"]
        user = at.api.post("/email/confirm", {"token": code}, token=user["access_token"]).is_(200)
    undo = at.inbox.newest(address, "address_changed")["code"]
    at.api.post("/email/undo", {"token": undo}).is_(204)
    reset = at.inbox.newest(address, "reset")["code"]
    at.api.post("/password/reset", {"token": reset, "new_password": OTHER}).is_(204)
    at.login(address, OTHER)


def name_data_and_deletion(at):
    address, first = at.register_and_verify()
    token = first["access_token"]
    at.api.send("PATCH", "/me", {"name": "Another"}, token=token).is_(200)
    data = at.api.get("/me/data", token=token).is_(200)
    data.must(data["account"]["email"] == address and len(data["sessions"]) == 1, "should have the account and its session")
    proof = {"current_password": PASSWORD, "device_token": first["device_token"]}
    at.api.send("DELETE", "/me", proof, token=token).is_(204)
    at.inbox.newest(address, "account_deleted")
    at.login(address, status=401)


def proven_before_it_begins(at):
    """With Registration=verified the account begins with the code of a mail."""
    address = new_address()
    with at.setting("RegisterFunction", REGISTRATION="verified"):
        pending = at.api.post("/register", {"email": address, "password": PASSWORD, "name": "Trial"}).is_(202)
        code = at.inbox.newest(address, "registration")["code"]
        proof = {"token": code, "registration_token": pending["registration_token"]}
        at.api.post("/register/confirm", proof).is_(201)
        at.api.post("/register/confirm", proof).is_(400)
    at.login(address)
