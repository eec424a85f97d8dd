import requests
from joserfc import jwt
from joserfc.jwk import KeySet


def open(setting):
    registry = jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": setting["issuer"]},
        aud={"essential": True, "value": setting["audience"]},
        exp={"essential": True},
        sub={"essential": True},
    )

    def verify(token):
        keys = KeySet.import_key_set(requests.get(setting["jwksUri"], timeout=5).json())
        claims = jwt.decode(token, keys, algorithms=[setting["algorithm"]]).claims
        registry.validate(claims)
        return claims["sub"]

    return {"verify": verify}
