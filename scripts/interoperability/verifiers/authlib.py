import requests
from authlib.oauth2.rfc9068 import JWTBearerTokenValidator


class Validator(JWTBearerTokenValidator):
    """RFC 9068's, with the method that the documentation says to write. A service would keep the keys for some minutes."""

    jwks_uri = None

    def get_jwks(self):
        return requests.get(self.jwks_uri, timeout=5).json()


def open(setting):
    validator = Validator(issuer=setting["issuer"], resource_server=setting["audience"])
    validator.jwks_uri = setting["jwksUri"]

    def verify(token):
        claims = validator.authenticate_token(token)
        validator.validate_token(claims, [], None)
        return claims["sub"]

    return {"verify": verify}
