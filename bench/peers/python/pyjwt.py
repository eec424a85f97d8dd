"""An authorizer with PyJWT on cryptography: keys parsed at the start."""

import json
import os

import jwt

KEYS = {key.key_id: key for key in jwt.PyJWKSet.from_json(os.environ["PUBLIC_KEYS"]).keys}
ISSUER, AUDIENCE = os.environ["ISSUER"], os.environ["AUDIENCE"]
DECODER = jwt.PyJWT()


def claims_of(token):
    header = jwt.get_unverified_header(token)
    if header.get("typ") != "at+jwt":
        return None
    required = {"require": ["exp", "iss", "aud"]}
    return DECODER.decode(
        token, KEYS[header["kid"]], algorithms=["ES256"], issuer=ISSUER, audience=AUDIENCE, options=required
    )


def policy(event, claims):
    api, stage = event["methodArn"].split("/")[:2]
    statement = {
        "Action": "execute-api:Invoke",
        "Effect": "Allow" if claims else "Deny",
        "Resource": f"{api}/{stage}/*",
    }
    answer = {
        "principalId": claims["sub"] if claims else "anonymous",
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
    }
    if claims:
        answer["context"] = {name: claims[name] for name in ("sub", "sid", "email", "name")}
        answer["context"] |= {"roles": " ".join(claims.get("roles", [])), "exp": str(claims["exp"])}
    return answer


def handler(event, _context):
    try:
        claims = claims_of(event["headers"]["Authorization"].removeprefix("Bearer "))
    except (jwt.PyJWTError, KeyError):
        claims = None
    return policy(event, claims)
