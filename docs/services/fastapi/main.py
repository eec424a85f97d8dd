"""A service that lets in who has an access token of Ratchet, verified with the JWK set. Copy all but `hello`.

JWKS_URL=... ISSUER=... uvicorn main:app
"""

import asyncio
import math
import os
import re
import time
from typing import Annotated

import httpx
import jwt
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse

# Outputs JwkSetUrl and Issuer of Ratchet's stack, its parameter Audience; for how long keys are good, and how often at most they
# are fetched.
JWKS_URL = os.environ["JWKS_URL"]
ISSUER = os.environ["ISSUER"]
AUDIENCE = os.environ.get("AUDIENCE", "ratchet")
MAX_AGE = float(os.environ.get("JWKS_MAX_AGE_SECONDS", "300"))
COOLDOWN = float(os.environ.get("JWKS_COOLDOWN_SECONDS", "30"))
RETRY = 1
ALGORITHMS = {"EdDSA", "ES256", "RS256"}


class Refused(Exception):
    """The answer is 401 (RFC 6750 section 3)."""

    def __init__(self, description="The access token is not valid.", *, expired=False, missing=False):
        self.description, self.expired, self.missing = description, expired, missing


class Unavailable(Exception):
    """The keys can't be had."""


class Keys:
    """Fetched when they are first needed, when they are old, and when a token names one that is not there."""

    def __init__(self):
        self.by_kid, self.fetched, self.tried = {}, -math.inf, -math.inf
        self.lock = asyncio.Lock()

    async def find(self, kid):
        async with self.lock:
            wait = COOLDOWN if self.fresh() else RETRY
            if not (self.fresh() and kid in self.by_kid) and time.monotonic() - self.tried >= wait:
                await self.fetch()
            if not self.fresh():
                raise Unavailable
            if kid not in self.by_kid:
                raise Refused
            return self.by_kid[kid]

    def fresh(self):
        return time.monotonic() - self.fetched < MAX_AGE

    async def fetch(self):
        try:
            async with httpx.AsyncClient(timeout=5) as client:
                response = (await client.get(JWKS_URL)).raise_for_status()
            keys = jwt.PyJWKSet.from_dict(response.json()).keys
        except (httpx.HTTPError, ValueError, jwt.PyJWTError) as error:
            raise Unavailable from error
        finally:
            self.tried = time.monotonic()
        self.by_kid = {key.key_id: key for key in keys if key.algorithm_name in ALGORITHMS}
        self.fetched = time.monotonic()


keys = Keys()


async def verify(token):
    """The claims of a good token. The key is the one that `kid` names, the algorithm that of the key; no leeway."""
    try:
        header = jwt.get_unverified_header(token)
        typ = str(header.get("typ", "")).lower()
        # The library looks at `crit`.
        if typ not in ("at+jwt", "application/at+jwt") or not isinstance(header.get("kid"), str):
            raise Refused
        key = await keys.find(header["kid"])
        # The library looks at `exp` before `iss` and `aud`: it would call tokens expired that never were good here.
        claims = jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            issuer=ISSUER,
            audience=AUDIENCE,
            options={"require": ["exp", "iss", "aud", "sub", "sid"], "strict_aud": True, "verify_exp": False},
        )
    except jwt.PyJWTError as error:
        raise Refused from error
    if not isinstance(claims["exp"], int):
        raise Refused
    if time.time() >= claims["exp"]:
        raise Refused("The access token has expired.", expired=True)
    return claims


async def caller(request: Request):
    """Dependency: the claims of the token in the one Authorization header."""
    authorization = request.headers.getlist("authorization")
    if not authorization:
        raise Refused("The access token is missing.", missing=True)
    match = re.fullmatch(r"bearer +(\S+)", authorization[0], re.IGNORECASE)
    if len(authorization) > 1 or not match:
        raise Refused
    return await verify(match[1])


app = FastAPI()


@app.exception_handler(Refused)
async def refuse(_request, refused):
    challenge = "Bearer"
    if not refused.missing:
        challenge += f' error="invalid_token", error_description="{refused.description}"'
    headers = {
        "WWW-Authenticate": challenge,
        "Is-Token-Expired": str(refused.expired).lower(),
        "Cache-Control": "no-store",
    }
    body = {"error": "invalid_token", "error_description": refused.description}
    return JSONResponse(body, status_code=401, headers=headers)


@app.exception_handler(Unavailable)
async def unavailable(_request, _error):
    body = {"error": "temporarily_unavailable", "error_description": "Try again."}
    return JSONResponse(body, status_code=503, headers={"Retry-After": "1", "Cache-Control": "no-store"})


@app.get("/hello")
async def hello(claims: Annotated[dict, Depends(caller)]):
    return {"user": claims["sub"], "session": claims["sid"], "roles": claims["roles"]}
