// A service that serves callers with an access token of Ratchet, verified with Auth0's middleware. Copy all but the routes.
import express from "express";
import { auth, InsufficientScopeError, InvalidRequestError, UnauthorizedError } from "express-oauth2-jwt-bearer";

// ---- Settings ----------------------------------------------------------------------------------------------------------

/** Ends the service before it listens. */
function stop(why) {
  console.error(why);
  process.exit(1);
}

/** Returns a setting. Nothing that decides whom to trust has a default. */
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

const isText = (value) => typeof value === "string" && value !== "";
const areTexts = (value) => Array.isArray(value) && value.every(isText);
const isTime = Number.isSafeInteger; // in whole seconds
const isAbsentOr = (check) => (value) => value === undefined || check(value);

/** Sets `request.auth.payload` to the claims of a good token. `kid` names the key, and the key names the algorithm. */
const verify = auth({
  issuer,
  jwksUri: jwksUrl,
  audience,
  strict: true, // `typ` is `at+jwt`
  clockTolerance: 0,
  cacheMaxAge: maxAgeSeconds * 1000,
  cooldownDuration: cooldownSeconds * 1000,
  validators: {
    alg: (_alg, _claims, header) => isText(header.kid), // the algorithm is the key's; without `kid` any key of it would do
    aud: audience, // exactly this one, and no list that it is in
    exp: isTime, // the library has compared it before
    nbf: isAbsentOr(isTime),
    sub: isText,
    sid: isText,
    roles: isAbsentOr(areTexts), // a user without roles has no such claim
    plan: isAbsentOr(isText), // a claim of your own, which `ratchet user set-claims` sets
  },
});

/** Before `verify`, which would also take a token of the query or of a form, and sees but the first of two headers. */
function requireOneHeader(request, _response, next) {
  const { length } = request.headersDistinct.authorization ?? [];
  if (length === 1) return next();
  next(length === 0 ? new UnauthorizedError("the Authorization header is missing") : new InvalidRequestError("two headers"));
}

const requireToken = [requireOneHeader, verify];

/** Middleware after `requireToken`: 403 for a caller without the role. */
const requireRole = (role) => (request, _response, next) => {
  const { roles = [] } = request.auth.payload;
  next(roles.includes(role) ? undefined : new InsufficientScopeError([role], `lacks the role ${role}`));
};

// ---- Refusals ----------------------------------------------------------------------------------------------------------

/** Middleware after all routes: answers as Ratchet does (RFC 6750 section 3), whatever the library would say. */
function refuseCallers(error, request, response, next) {
  if (!(error instanceof UnauthorizedError)) return next(error);
  if (error instanceof InsufficientScopeError) {
    return refuse(response, `the user ${request.auth.payload.sub} ${error.message}`, 403, "insufficient_scope", "The user lacks a role that this needs.");
  }
  const isMissing = error.constructor === UnauthorizedError;
  const isExpired = error.message.startsWith('"exp" claim timestamp');
  response.set("Is-Token-Expired", String(isExpired));
  const what = isMissing ? "is missing" : isExpired ? "has expired" : "is not valid";
  refuse(response, isExpired ? "the token has expired" : error.message, 401, "invalid_token", `The access token ${what}.`);
}

/** Logs why, which the client does not learn, and answers. A reason never has the token in it. */
function refuse(response, reason, status, error, error_description) {
  console.warn(`Refused: ${reason}`);
  const isMissing = error_description === "The access token is missing.";
  const challenge = isMissing ? "Bearer" : `Bearer error="${error}", error_description="${error_description}"`;
  response.set({ "WWW-Authenticate": challenge, "Cache-Control": "no-store" });
  response.status(status).json({ error, error_description });
}

// ---- Routes ------------------------------------------------------------------------------------------------------------

const app = express();
app.get("/hello", requireToken, (request, response) => {
  const { sub, sid, roles = [] } = request.auth.payload;
  response.json({ user: sub, session: sid, roles });
});
app.get("/reports", requireToken, requireRole("editor"), (request, response) => {
  response.json({ reader: request.auth.payload.sub });
});
app.get("/plan", requireToken, (request, response) => {
  const { plan = "free" } = request.auth.payload; // say what its absence means
  response.json({ plan });
});
app.use(refuseCallers);
const server = app.listen(port, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}/hello`);
});
