import os

from oauthlib.oauth2 import OAuth2Error
from requests_oauthlib import OAuth2Session


def open(setting):
    """It has no discovery, sends no client_id with a refresh, and leaves the request of a revocation to be sent."""
    if setting["issuer"].startswith("http:"):
        os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    session = OAuth2Session(setting["clientId"])

    def revoke(token, hint):
        prepared = session._client.prepare_token_revocation_request(f"{setting['issuer']}/oauth2/revoke", token, hint)
        url, headers, body = prepared
        session.request("POST", url, data=body, headers=headers, withhold_token=True).raise_for_status()

    return {
        "discover": lambda: None,
        "refresh": lambda token: session.refresh_token(f"{setting['issuer']}/oauth2/token", refresh_token=token),
        "revoke": revoke,
    }


def code_of(error):
    return error.error if isinstance(error, OAuth2Error) else None
