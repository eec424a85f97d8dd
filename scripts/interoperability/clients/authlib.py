import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url


def open(setting):
    address = get_well_known_url(setting["issuer"], external=True)
    server = AuthorizationServerMetadata(requests.get(address, timeout=5).json())
    session = OAuth2Session(setting["clientId"], token_endpoint_auth_method="none")

    def revoke(token, hint):
        answer = session.revoke_token(server["revocation_endpoint"], token=token, token_type_hint=hint)
        answer.raise_for_status()

    return {
        "discover": lambda: [server["token_endpoint"], server["revocation_endpoint"]],
        "refresh": lambda token: session.refresh_token(server["token_endpoint"], refresh_token=token),
        "revoke": revoke,
    }


def code_of(error):
    return error.error if isinstance(error, OAuthError) else None
