// A service that serves callers with an access token of Ratchet, verified with the JWK set. Copy all but the routes.
import express from "express";
import { createRemoteJWKSet, errors, jwtVerify } from "jose";

// ---- Settings ----------------------------------------------------------------------------------------------------------

/** Ends the service before it listens. */
function stop(why) {
  console.error(why);
  process.exit(1);
}

/** Returns a setting. Nothing that decides whom to trust has a default: jose does not compare an empty issuer or audience. */
function setting(name, fallback) {
  return process.env[name] || fallback || stop(`${name} is not set`);
}

function number(name, fallback, least, most) {
  const text = setting(name, fallback);
  const isGood = /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most;
  return isGood ? Number(text) : stop(`${name} must be a whole number from ${least} to ${most}`);
}

// Outputs of Ratchet's stack, and its parameter Audience.
const jwksUrl = setting("JWKS_URL");
const issuer = setting("ISSUER");
const audience = setting("AUDIENCE");
if (!/^https?:\/\//.test(jwksUrl) || !URL.canParse(jwksUrl)) stop("JWKS_URL must be a URL of the scheme https or http");
// How long keys are good, and how often at most tokens of unknown keys have them fetched.
const maxAgeSeconds = number("JWKS_MAX_AGE_SECONDS", "300", 1, 86_400);
const cooldownSeconds = number("JWKS_COOLDOWN_SECONDS", "30", 1, 86_400);
const port = number("PORT", "8080", 0, 65_535);

// ---- Tokens ------------------------------------------------------------------------------------------------------------

// Keys are fetched when they are first needed, when they are old, and when a token names an unknown one.
const keys = createRemoteJWKSet(new URL(jwksUrl), {
  cacheMaxAge: maxAgeSeconds * 1000,
  cooldownDuration: cooldownSeconds * 1000,
  timeoutDuration: 5_000,
});

const isText = (value) => typeof value === "string" && value !== "";
const areTexts = (value) => Array.isArray(value) && value.every(isText);
const isTime = Number.isSafeInteger; // in whole seconds

/** Returns the claims of a good token. `kid` names the key, and the key names the algorithm; there is no leeway. */
async function verify(token) {
  const key = (header, jws) => {
    if (!header.kid) throw new errors.JWSInvalid("The token names no key.");
    return keys(header, jws);
  };
  const { payload } = await jwtVerify(token, key, {
    algorithms: ["EdDSA", "ES256", "RS256"],
    typ: "at+jwt",
    issuer,
    audience,
    requiredClaims: ["exp"],
    clockTolerance: 0,
  });
  const { sub, sid, roles = [] } = payload; // a user without roles has no such claim
  const { plan = "free" } = payload; // a claim of your own, which `ratchet user set-claims` sets: say what its absence means
  const areGood = {
    aud: payload.aud === audience, // jose would also take a list that it is in
    exp: isTime(payload.exp),
    nbf: isTime(payload.nbf ?? 0),
    sub: isText(sub),
    sid: isText(sid),
    roles: areTexts(roles), // in a text, `includes` would find the role "editor" in "not-an-editor"
    plan: isText(plan),
  };
  for (const [claim, isGood] of Object.entries(areGood)) {
    if (!isGood) throw new errors.JWTClaimValidationFailed("", payload, claim, "invalid");
  }
  return { sub, sid, roles, plan };
}

/** The errors that say that the token is bad. All others mean that the keys can't be had. */
const refusals = [
  errors.JWTExpired,
  errors.JWTClaimValidationFailed,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
];

// ---- Middleware --------------------------------------------------------------------------------------------------------

/** Sets `request.caller` to the claims of the token, or answers 401 (RFC 6750 section 3). */
async function requireToken(request, response, next) {
  const authorization = request.headersDistinct.authorization ?? []; // `headers` would hide all but the first of several
  if (authorization.length === 0) {
    return unauthorized(response, "the Authorization header is missing", "The access token is missing.");
  }
  const [, token] = (authorization.length === 1 && /^Bearer +(\S+)$/i.exec(authorization[0])) || [];
  try {
    if (token === undefined) throw new errors.JWTInvalid("There is not one bearer token.");
    request.caller = await verify(token);
  } catch (error) {
    if (!refusals.some((refusal) => error instanceof refusal)) return unavailable(response, error);
    const reason = [error.code, error.claim].filter(Boolean).join(" ");
    const expired = error instanceof errors.JWTExpired;
    return unauthorized(response, reason, `The access token ${expired ? "has expired" : "is not valid"}.`, expired);
  }
  next();
}

/** Middleware after `requireToken`: answers 403 to a caller without the role. */
const requireRole = (role) => (request, response, next) => {
  const { sub, roles } = request.caller;
  if (roles.includes(role)) return next();
  const description = "The user lacks a role that this needs.";
  const headers = { "WWW-Authenticate": `Bearer error="insufficient_scope", error_description="${description}"` };
  refuse(response, `the user ${sub} lacks the role ${role}`, 403, headers, "insufficient_scope", description);
};

function unauthorized(response, reason, description, expired = false) {
  const isMissing = description === "The access token is missing.";
  const challenge = isMissing ? "Bearer" : `Bearer error="invalid_token", error_description="${description}"`;
  const headers = { "WWW-Authenticate": challenge, "Is-Token-Expired": String(expired) };
  refuse(response, reason, 401, headers, "invalid_token", description);
}

function unavailable(response, error) {
  const reason = `the keys can't be fetched: ${error.message}`;
  refuse(response, reason, 503, { "Retry-After": "1" }, "temporarily_unavailable", "Try again.");
}

/** Logs why, which the client does not learn, and answers. A reason never has the token in it. */
function refuse(response, reason, status, headers, error, error_description) {
  console.warn(`Refused: ${reason}`);
  response.set({ ...headers, "Cache-Control": "no-store" });
  response.status(status).json({ error, error_description });
}

// ---- Routes ------------------------------------------------------------------------------------------------------------

const app = express();
app.get("/hello", requireToken, (request, response) => {
  const { sub, sid, roles } = request.caller;
  response.json({ user: sub, session: sid, roles });
});
app.get("/reports", requireToken, requireRole("editor"), (request, response) => {
  response.json({ reader: request.caller.sub });
});
app.get("/plan", requireToken, (request, response) => {
  response.json({ plan: request.caller.plan });
});
const server = app.listen(port, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}/hello`);
});
