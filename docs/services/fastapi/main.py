"""A service that serves callers with an access token of Ratchet, verified with the JWK set. Copy all but the routes.

JWKS_URL=... ISSUER=... AUDIENCE=... uvicorn main:app
"""

import asyncio
import logging
import math
import os
import re
import sys
import time
from typing import Annotated

import httpx
import jwt
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse

log = logging.getLogger(__name__)


def setting(name, default=None):
    """Returns a setting; an empty one counts as unset. Nothing that decides whom to trust has a default."""
    return os.environ.get(name) or default or sys.exit(f"{name} is not set")


def seconds(name, default):
    text = setting(name, default)
    if not re.fullmatch("[0-9]{1,9}", text) or not 1 <= int(text) <= 86_400:
        sys.exit(f"{name} must be a whole number from 1 to 86400")
    return int(text)


# Outputs of Ratchet's stack, and its parameter Audience.
JWKS_URL = setting("JWKS_URL")
ISSUER = setting("ISSUER")
AUDIENCE = setting("AUDIENCE")
if not re.match("https?://[^/]", JWKS_URL):
    sys.exit("JWKS_URL must be a URL of the scheme https or http")
# How long keys are good, and how often at most tokens of unknown keys have them fetched.
MAX_AGE = seconds("JWKS_MAX_AGE_SECONDS", "300")
COOLDOWN = seconds("JWKS_COOLDOWN_SECONDS", "30")
RETRY = 1  # after keys could not be fetched
ALGORITHMS = {"EdDSA", "ES256", "RS256"}


class Refused(Exception):
    """The answer is 401 (RFC 6750 section 3). The reason is for the log alone, and never has the token in it."""

    def __init__(self, reason, description="The access token is not valid.", *, expired=False, missing=False):
        super().__init__(reason)
        self.description, self.expired, self.missing = description, expired, missing


class Forbidden(Exception):
    """The answer is 403: the user lacks a role."""


class Unavailable(Exception):
    """The answer is 503: the keys can't be fetched."""


class Keys:
    """Fetched when they are first needed, when they are old, and when a token names an unknown one."""

    def __init__(self):
        self.by_kid, self.fetched, self.tried = {}, -math.inf, -math.inf
        self.fetching = asyncio.Lock()

    async def find(self, kid):
        # A token of a known key takes no lock, so that a forged `kid` can't make it wait for a fetch.
        if key := self.known(kid):
            return key
        async with self.fetching:
            wait = COOLDOWN if self.fresh() else RETRY
            if not self.known(kid) and time.monotonic() - self.tried >= wait:
                await self.fetch()
        if key := self.known(kid):
            return key
        if not self.fresh():
            raise Unavailable("the keys can't be fetched")
        raise Refused("the key is unknown")

    def known(self, kid):
        return self.by_kid.get(kid) if self.fresh() else None

    def fresh(self):
        return time.monotonic() - self.fetched < MAX_AGE

    async def fetch(self):
        try:
            async with httpx.AsyncClient(timeout=5) as client:
                response = (await client.get(JWKS_URL)).raise_for_status()
            keys = jwt.PyJWKSet.from_dict(response.json()).keys
        except (httpx.HTTPError, jwt.PyJWTError, AttributeError, TypeError, ValueError) as error:
            raise Unavailable(f"the keys can't be fetched: {type(error).__name__}") from error
        finally:
            self.tried = time.monotonic()
        self.by_kid = {key.key_id: key for key in keys if key.algorithm_name in ALGORITHMS}
        self.fetched = time.monotonic()


keys = Keys()


async def verify(token):
    """Returns the claims of a good token. `kid` names the key, and the key names the algorithm; no leeway."""
    try:
        header = jwt.get_unverified_header(token)
        typ = str(header.get("typ", "")).lower()
        if "crit" in header:
            raise Refused("a header field is critical")
        if typ not in ("at+jwt", "application/at+jwt"):
            raise Refused("the type is wrong")
        if not isinstance(header.get("kid"), str):
            raise Refused("no key is named")
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
        raise Refused(type(error).__name__) from error
    return check(claims)


def is_text(value):
    return isinstance(value, str) and value != ""


def check(claims):
    roles = claims.setdefault("roles", [])  # a user without roles has no such claim
    # A claim of your own, which `ratchet user set-claims` sets: say what its absence means.
    plan = claims.setdefault("plan", "free")
    # In a text, `in` would find the role "editor" in "not-an-editor".
    are_good = {
        "sub": is_text(claims["sub"]),
        "sid": is_text(claims["sid"]),
        "exp": type(claims["exp"]) is int,
        "nbf": type(claims.get("nbf", 0)) is int,
        "roles": isinstance(roles, list) and all(map(is_text, roles)),
        "plan": is_text(plan),
    }
    for name, is_good in are_good.items():
        if not is_good:
            raise Refused(f"the claim {name} is malformed")
    if time.time() >= claims["exp"]:
        raise Refused("the token has expired", "The access token has expired.", expired=True)
    return claims


async def caller(request: Request):
    """Dependency: the claims of the token in the one Authorization header."""
    authorization = request.headers.getlist("authorization")
    if not authorization:
        raise Refused("the Authorization header is missing", "The access token is missing.", missing=True)
    match = re.fullmatch(r"bearer +(\S+)", authorization[0], re.IGNORECASE)
    if len(authorization) > 1 or not match:
        raise Refused("there is not one bearer token")
    return await verify(match[1])


def caller_with(role):
    """Dependency: the claims of the token, which must have the role."""

    async def check_role(claims: Annotated[dict, Depends(caller)]):
        if role not in claims["roles"]:
            raise Forbidden(f"the user {claims['sub']} lacks the role {role}")
        return claims

    return check_role


app = FastAPI()


def refusal(reason, status, headers, error, description):
    """Logs why, which the client does not learn, and makes the answer."""
    log.warning("Refused: %s", reason)
    body = {"error": error, "error_description": description}
    return JSONResponse(body, status_code=status, headers={**headers, "Cache-Control": "no-store"})


@app.exception_handler(Refused)
async def refuse(_request, refused):
    challenge = "Bearer"
    if not refused.missing:
        challenge += f' error="invalid_token", error_description="{refused.description}"'
    headers = {"WWW-Authenticate": challenge, "Is-Token-Expired": str(refused.expired).lower()}
    return refusal(refused, 401, headers, "invalid_token", refused.description)


@app.exception_handler(Forbidden)
async def forbid(_request, forbidden):
    description = "The user lacks a role that this needs."
    headers = {"WWW-Authenticate": f'Bearer error="insufficient_scope", error_description="{description}"'}
    return refusal(forbidden, 403, headers, "insufficient_scope", description)


@app.exception_handler(Unavailable)
async def unavailable(_request, error):
    return refusal(error, 503, {"Retry-After": "1"}, "temporarily_unavailable", "Try again.")


@app.get("/hello")
async def hello(claims: Annotated[dict, Depends(caller)]):
    return {"user": claims["sub"], "session": claims["sid"], "roles": claims["roles"]}


@app.get("/reports")
async def reports(claims: Annotated[dict, Depends(caller_with("editor"))]):
    return {"reader": claims["sub"]}


@app.get("/plan")
async def plan(claims: Annotated[dict, Depends(caller)]):
    return {"plan": claims["plan"]}
