"""What operators do with the command `ratchet`."""

from ..client import new_address
from . import factors
from .trial import OTHER, PASSWORD


def commands(at):
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


def lost_factors(at):
    """Of a user who has lost the phone."""
    address, first = at.register_and_verify()
    factors.add_passkey(at, first)
    at.operate("user", "remove-factors", address)
    at.inbox.newest(address, "factor_removed")
    again = at.login(address)
    listed = at.api.get("/passkeys", token=again["access_token"]).is_(200)
    listed.must(not listed["passkeys"], "should have no passkey")
