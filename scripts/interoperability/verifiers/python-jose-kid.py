import requests
from jose import jwt


def open(setting):
    def verify(token):
        keys = requests.get(setting["jwksUri"], timeout=5).json()["keys"]
        kid = jwt.get_unverified_header(token)["kid"]
        key = next(key for key in keys if key["kid"] == kid)
        algorithms = [setting["algorithm"]]
        return jwt.decode(token, key, algorithms, issuer=setting["issuer"], audience=setting["audience"])["sub"]

    return {"verify": verify}
