// A service that lets in who has an access token of Ratchet, verified with the JWK set. Copy `verify` and `requireToken`.
import express from "express";
import { createRemoteJWKSet, errors, jwtVerify } from "jose";

/** Outputs JwkSetUrl and Issuer of Ratchet's stack, its parameter Audience; for how long keys are good, and how often at most they are fetched. */
const { JWKS_URL, ISSUER, AUDIENCE = "ratchet", PORT = "8080" } = process.env;
const { JWKS_MAX_AGE_SECONDS = "300", JWKS_COOLDOWN_SECONDS = "30" } = process.env;

// Keys are fetched when they are first needed, when they are old, and when a token names one that is not there.
const keys = createRemoteJWKSet(new URL(JWKS_URL), {
  cacheMaxAge: Number(JWKS_MAX_AGE_SECONDS) * 1000,
  cooldownDuration: Number(JWKS_COOLDOWN_SECONDS) * 1000,
  timeoutDuration: 5_000,
});

/** The claims of a good token. The key is the one that `kid` names, the algorithm that of the key; there is no leeway. */
async function verify(token) {
  const key = (header, jws) => {
    if (!header.kid) throw new errors.JWSInvalid("The token names no key.");
    return keys(header, jws);
  };
  const { payload } = await jwtVerify(token, key, {
    algorithms: ["EdDSA", "ES256", "RS256"],
    typ: "at+jwt",
    issuer: ISSUER,
    audience: AUDIENCE,
    requiredClaims: ["exp", "sub", "sid"],
    clockTolerance: 0,
  });
  return payload;
}

/** What says that a token is no good. Anything else is about the keys, which could not be had. */
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

/** Middleware: `request.caller` has the claims, or the answer is 401 (RFC 6750 section 3). */
async function requireToken(request, response, next) {
  const authorization = request.headersDistinct.authorization ?? []; // of several, `headers` would hide all but one
  if (authorization.length === 0) return refuse(response, "Bearer", "The access token is missing.");
  const [, token] = (authorization.length === 1 && /^Bearer +(\S+)$/i.exec(authorization[0])) || [];
  try {
    if (token === undefined) throw new errors.JWTInvalid("There is not one bearer token.");
    request.caller = await verify(token);
  } catch (error) {
    if (!refusals.some((refusal) => error instanceof refusal)) return unavailable(response, error);
    const expired = error instanceof errors.JWTExpired;
    const description = expired ? "The access token has expired." : "The access token is not valid.";
    const challenge = `Bearer error="invalid_token", error_description="${description}"`;
    return refuse(response, challenge, description, expired);
  }
  next();
}

function refuse(response, challenge, error_description, expired = false) {
  response.set({ "WWW-Authenticate": challenge, "Is-Token-Expired": String(expired), "Cache-Control": "no-store" });
  response.status(401).json({ error: "invalid_token", error_description });
}

function unavailable(response, error) {
  console.error("The keys can't be fetched:", error.message);
  response.set({ "Retry-After": "1", "Cache-Control": "no-store" });
  response.status(503).json({ error: "temporarily_unavailable", error_description: "Try again." });
}

const app = express();
app.get("/hello", requireToken, (request, response) => {
  const { sub, sid, roles } = request.caller;
  response.json({ user: sub, session: sid, roles });
});
const server = app.listen(Number(PORT), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}/hello`);
});
