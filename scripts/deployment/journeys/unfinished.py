"""Changes of an account that left something undone, and those that end more sessions than one transaction takes."""

from . import factors
from .trial import OTHER, PASSWORD

# A transaction of DynamoDB has room for 100 writes.
MANY = 101


def _finishes(at, present, sign_in):
    """A sign-in ends a session that a change should have ended, and brings another one up to date."""
    at.api.send("PATCH", "/me", {"name": "Another"}, token=present["access_token"]).is_(200)
    (row,) = at.rows.of(present["user"]["id"])
    at.rows.copy(row, 1, account_version={"N": "0"})
    older = {"N": str(int(row["account_version"]["N"]) - 1)}
    at.rows.change(row, account_version=older, name={"S": "Trial"})
    signed_in = sign_in()
    left = at.api.get("/sessions", token=signed_in["access_token"]).is_(200)
    left.must(len(left["sessions"]) == 2, "should have the session of before and the new one")
    refreshed = at.api.post("/refresh", {"refresh_token": present["refresh_token"]}).is_(200)
    refreshed.must(refreshed["user"]["name"] == "Another", "should have the new name")


def before_a_login(at):
    address, first = at.register()
    change = {"current_password": PASSWORD, "new_password": OTHER}
    present = at.api.post("/password", change, token=first["access_token"]).is_(200)
    _finishes(at, present, lambda: at.login(address, OTHER))


def before_a_passkey(at):
    _, first = at.register()
    authenticator, present = factors.add_passkey(at, first)
    _finishes(at, present, lambda: factors.sign_in_with_passkey(at, authenticator))


def many_sessions(at):
    """Each function that ends sessions, with more of them than it ends at once."""

    def crowded(signed_in):
        (row,) = at.rows.of(signed_in["user"]["id"])
        at.rows.copy(row, MANY)
        return signed_in

    def alone(signed_in):
        left = len(at.rows.of(signed_in["user"]["id"]))
        return signed_in.must(left == 1, f"has left {left} sessions, where there should be one")

    address, user = at.register()
    change = {"current_password": PASSWORD, "new_password": PASSWORD + "!"}
    user = alone(at.api.post("/password", change, token=crowded(user)["access_token"]).is_(200))
    change = {"current_password": PASSWORD + "!", "new_password": PASSWORD}
    user = alone(at.api.post("/password", change, token=user["access_token"]).is_(200))
    _, user = factors.add_passkey(at, crowded(user))
    _, user = factors.set_up_app(at, crowded(alone(user)))
    crowded(alone(user))
    at.operate("user", "end-sessions", address)
    at.operate("user", "remove-factors", address)
    user = crowded(at.login(address))
    at.api.send("DELETE", "/me", {"current_password": PASSWORD}, token=user["access_token"]).is_(204)
    left = at.rows.of(user["user"]["id"])
    user.must(not left, f"has left {len(left)} sessions of a deleted account")
