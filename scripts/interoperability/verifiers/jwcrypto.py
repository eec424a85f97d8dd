import json

import requests
from jwcrypto.jwk import JWKSet
from jwcrypto.jwt import JWT


def open(setting):
    def verify(token):
        keys = JWKSet.from_json(requests.get(setting["jwksUri"], timeout=5).text)
        expected = {"iss": setting["issuer"], "aud": setting["audience"], "exp": None, "sub": None}
        checked = JWT(algs=[setting["algorithm"]], check_claims=expected, expected_type="JWS")
        checked.leeway = 0
        checked.deserialize(token, keys)
        return json.loads(checked.claims)["sub"]

    return {"verify": verify}
