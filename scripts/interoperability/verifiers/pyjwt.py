import jwt


def open(setting):
    keys = jwt.PyJWKClient(setting["jwksUri"], cooldown_duration=0)

    def verify(token):
        key = keys.get_signing_key_from_jwt(token)
        algorithms = [setting["algorithm"]]
        return jwt.decode(token, key, algorithms, issuer=setting["issuer"], audience=setting["audience"])["sub"]

    return {"verify": verify}
