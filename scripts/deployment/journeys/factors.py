"""Second factors and passkeys."""

from ..authenticators import App, Authenticator
from .trial import OTHER, PASSWORD


def set_up_app(at, signed_in):
    """Returns the app, and the tokens of the session that begins."""
    enrolled = at.api.post("/factors/totp", {"current_password": PASSWORD}, token=signed_in["access_token"]).is_(200)
    app = App(enrolled["secret"])
    confirmation = {"code": app.code(), "device_token": signed_in["device_token"]}
    return app, at.api.post("/factors/totp/confirm", confirmation, token=signed_in["access_token"]).is_(200)


def add_passkey(at, signed_in):
    """Returns the authenticator, and the tokens of the session that begins."""
    token, authenticator = signed_in["access_token"], Authenticator()
    asked = at.api.post("/passkeys/creation-options", {"current_password": PASSWORD}, token=token).is_(200)
    made = {"challenge_id": asked["challenge_id"], "credential": authenticator.create(asked["public_key"])}
    return authenticator, at.api.post("/passkeys", made, token=token).is_(201)


def sign_in_with_passkey(at, authenticator):
    asked = at.api.post("/passkeys/options", {}).is_(200)
    signed = {"challenge_id": asked["challenge_id"], "credential": authenticator.sign(asked["public_key"])}
    return at.api.post("/passkeys/sign-in", signed).is_(200)


def app(at):
    """An authenticator app is set up, asked for, and removed with a recovery code."""
    address, first = at.register_and_verify()
    shown, second = set_up_app(at, first)
    at.inbox.newest(address, "factor_added")
    at.login(address, status=401).is_(401, "mfa_required")
    third = at.login(address, totp=shown.code())
    at.api.get("/weather/confidential", token=third["access_token"]).is_(200)
    at.api.get("/weather/confidential", token=first["access_token"]).is_(401)
    codes, token = second["recovery_codes"], third["access_token"]
    at.login(address, recovery_code=codes[0])
    listed = at.api.get("/factors", token=token).is_(200)
    listed.must(listed["recovery_codes_left"] == 9, "should have nine recovery codes left")
    proof = {"current_password": PASSWORD, "recovery_code": codes[1]}
    new = at.api.post("/factors/recovery-codes", proof, token=token).is_(200)["recovery_codes"]
    proof = {"current_password": PASSWORD, "recovery_code": new[0], "device_token": third["device_token"]}
    at.api.send("DELETE", "/factors/totp", proof, token=token).is_(200)
    at.inbox.newest(address, "factor_removed")
    at.login(address)


def passkey(at):
    """A passkey is added, signs in, gets a name, and is removed."""
    address, first = at.register_and_verify()
    authenticator, added = add_passkey(at, first)
    at.inbox.newest(address, "factor_added")
    signed_in = sign_in_with_passkey(at, authenticator)
    token, own = signed_in["access_token"], added["passkey"]["id"]
    at.api.get("/weather/confidential", token=token).is_(200)
    at.api.send("PUT", f"/passkeys/{own}", {"name": "Phone"}, token=token).is_(200)
    listed = at.api.get("/passkeys", token=token).is_(200)
    listed.must([each["name"] for each in listed["passkeys"]] == ["Phone"], "should have the passkey")
    proof = {"current_password": PASSWORD, "device_token": added["device_token"]}
    at.api.send("DELETE", f"/passkeys/{own}", proof, token=token).is_(200)
    at.login(address)


def recovery_without_them(at):
    """Whoever adds a passkey before the address is proven loses it to the owner of the mailbox."""
    address, first = at.register()
    add_passkey(at, first)
    at.api.post("/password/reset-request", {"email": address}).is_(202)
    code = at.inbox.newest(address, "reset")["code"]
    at.api.post("/password/reset", {"token": code, "new_password": OTHER}).is_(204)
    signed_in = at.login(address, OTHER)
    listed = at.api.get("/passkeys", token=signed_in["access_token"]).is_(200)
    listed.must(not listed["passkeys"], "should have no passkey")
