import requests
from jose import jwt


def open(setting):
    def verify(token):
        keys = requests.get(setting["jwksUri"], timeout=5).json()
        algorithms = [setting["algorithm"]]
        return jwt.decode(token, keys, algorithms, issuer=setting["issuer"], audience=setting["audience"])["sub"]

    return {"verify": verify}
