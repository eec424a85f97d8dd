/**
 * What the tests share: keys and tokens of our own making, a JWK set that a test publishes, holds back or takes away, and the
 * services, each in front of it.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { promise, somebody } from "../../../web/tests/support.js";
import { newKey, part, signed } from "./jws.js";

export { damaged, keySetOf, newKey } from "./jws.js";

const folder = fileURLToPath(new URL("..", import.meta.url));
const { RATCHET_AXUM, RATCHET_GO, RATCHET_PYTHON_TOOLS, RATCHET_SERVICES } = process.env;
const all = {
  express: ["node", ["server.js"]],
  "express-auth0": ["node", ["server.js"]],
  fastify: ["node", ["server.js"]],
  fastapi: [`${RATCHET_PYTHON_TOOLS}/uvicorn`, ["main:app", "--host", "127.0.0.1", "--port", "0"]],
  axum: [RATCHET_AXUM, []],
  go: [RATCHET_GO, []],
};
/** Those that `RATCHET_SERVICES` names. */
export const services = Object.fromEntries(RATCHET_SERVICES.split(" ").map((name) => [name, all[name]]));

/** What a library does otherwise and leaves no choice about, as docs/services/README.md says. */
const quirks = {
  "express-auth0": [
    "looks at exp before iss and aud",
    "reads claims that are not UTF-8",
    "reads base64 of other spellings",
    "hides that keys can't be fetched",
  ],
};
export const has = (name, quirk) => quirks[name]?.includes(quirk) ?? false;

export const issuer = "urn:ratchet:local";
export const cooldown = 1;

// ---- Keys, and tokens of our own making --------------------------------------------------------------------------------

export const keys = { EdDSA: newKey("EdDSA", "current"), ES256: newKey("ES256", "next"), RS256: newKey("RS256", "retired") };
export const strangers = newKey("EdDSA", "current");
export const seconds = () => Math.floor(Date.now() / 1000);
const claims = () => ({
  iss: issuer,
  aud: "ratchet",
  sub: "u",
  sid: "s",
  exp: seconds() + 300,
  iat: seconds(),
  jti: randomUUID(),
  client_id: "ratchet",
  auth_time: seconds(),
  name: "Ada",
  email: "ada@example.com",
  email_verified: false,
  roles: ["member"],
});

/** A token signed by `key`, with these members in place of the right ones; undefined leaves one out. */
export function token(header = {}, payload = {}, key = keys.EdDSA) {
  return signed(header, part({ ...claims(), ...payload }), key);
}

/** A token whose claims are this text of the right ones, byte for byte. */
const spelt = (change) => signed({}, Buffer.from(change(JSON.stringify(claims())), "latin1").toString("base64url"), keys.EdDSA);
const withMember = (member) => (text) => text.replace(/}$/, `,${member}}`);

/** A token whose claims have a byte that is not UTF-8, in one that nobody needs. */
export const notUtf8 = () => spelt(withMember('"nickname":"\xff"'));

/** A token whose claims have a member once more at their end. */
export const withTwice = (member) => spelt(withMember(member));

/** A token whose claims begin with a byte order mark. */
export const withMark = () => spelt((text) => `\xef\xbb\xbf${text}`);

export function hmac(secret, kid) {
  const message = `${part({ typ: "at+jwt", alg: "HS256", kid })}.${part(claims())}`;
  return `${message}.${createHmac("sha256", secret).update(message).digest("base64url")}`;
}

// ---- Servers -----------------------------------------------------------------------------------------------------------

/**
 * Where services fetch keys: the body is what a local server publishes, as long as there is one. Counts how often they are
 * fetched. While there is a gate, nobody is answered before it opens.
 */
export const jwks = { body: undefined, fetched: 0, gate: undefined };
const jwksServer = createServer(async (_request, response) => {
  jwks.fetched += 1;
  jwks.gate?.reached.resolve();
  await jwks.gate?.opened;
  response.writeHead(jwks.body ? 200 : 503, { "content-type": "application/json" }).end(jwks.body);
});
before(async () => {
  jwksServer.listen(0, "127.0.0.1");
  await once(jwksServer, "listening");
});
after(() => jwksServer.close());

/** Holds back the answers to those who fetch keys. `reached` is settled by the first of them, `open` lets them go. */
export function hold() {
  const [reached, opened] = [promise(), promise()];
  jwks.gate = { reached, opened };
  const open = () => {
    jwks.gate = undefined;
    opened.resolve();
  };
  return { reached, open };
}

export const publish = async (ratchet) => {
  const answer = await fetch(`${ratchet.url}/.well-known/jwks.json`);
  assert.equal(answer.status, 200);
  jwks.body = await answer.text();
};

export async function register(ratchet) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${ratchet.url}/register`, { method: "POST", headers, body: JSON.stringify(somebody()) });
  assert.equal(answer.status, 201);
  return answer.json();
}

/** The settings that each service needs. */
export const settings = () => ({
  JWKS_URL: `http://127.0.0.1:${jwksServer.address().port}/`,
  ISSUER: issuer,
  AUDIENCE: "ratchet",
  JWKS_COOLDOWN_SECONDS: String(cooldown),
  PORT: "0",
});

/** Starts the program of a service. `said` has what it has written so far. */
export function run(name, itsSettings) {
  const [program, programArguments] = services[name];
  const env = { ...process.env, ...itsSettings };
  const child = spawn(program, programArguments, { cwd: `${folder}${name}`, env, stdio: ["ignore", "pipe", "pipe"] });
  const running = { child, said: "" };
  const read = (chunk) => (running.said += chunk);
  child.stdout.setEncoding("utf8").on("data", read);
  child.stderr.setEncoding("utf8").on("data", read);
  return running;
}

/** Starts a service, and waits for it to say where it listens. */
export async function start(name, furtherSettings = {}) {
  const running = run(name, { ...settings(), ...furtherSettings });
  const { child } = running;
  running.url = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => reject(new Error(`${name} ended with ${code}: ${running.said}`)));
    const look = () => {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(running.said);
      if (found) resolve(found[0]);
    };
    child.stdout.on("data", look);
    child.stderr.on("data", look);
  });
  running.stop = async () => {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  };
  return running;
}

/** One request with exactly these `Authorization` headers, which `fetch` can't do. */
export async function get(service, authorization, path = "/hello") {
  const url = new URL(path, service.url);
  const headers = ["Host", url.host, "Connection", "close"];
  for (const value of authorization) headers.push("Authorization", value);
  const sent = request(url, { headers }).end();
  const [response] = await once(sent, "response");
  let text = "";
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, headers: response.headers, body: JSON.parse(text) };
}
export const bearer = (service, text, path) => get(service, [`Bearer ${text}`], path);

export async function eventually(answer, accept) {
  const end = Date.now() + 60_000;
  for (;;) {
    const got = await answer();
    if (accept(got)) return got;
    assert.ok(Date.now() < end, JSON.stringify(got));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export function assertRefused(answer, { expired = false, missing = false } = {}) {
  assert.equal(answer.status, 401, JSON.stringify(answer.body));
  const reason = missing ? "is missing" : expired ? "has expired" : "is not valid";
  const description = `The access token ${reason}.`;
  assert.deepEqual(answer.body, { error: "invalid_token", error_description: description });
  const challenge = missing ? "Bearer" : `Bearer error="invalid_token", error_description="${description}"`;
  assert.equal(answer.headers["www-authenticate"], challenge);
  assert.equal(answer.headers["is-token-expired"], String(expired));
  assert.equal(answer.headers["cache-control"], "no-store");
}

/** While keys can't be fetched it is 503. */
export function assertUnavailable(answer, name) {
  if (has(name, "hides that keys can't be fetched")) return assertRefused(answer);
  assert.equal(answer.status, 503, JSON.stringify(answer.body));
  assert.equal(answer.headers["retry-after"], "1");
  assert.equal(answer.body.error, "temporarily_unavailable");
}

export function assertForbidden(answer) {
  assert.equal(answer.status, 403, JSON.stringify(answer.body));
  const description = "The user lacks a role that this needs.";
  assert.deepEqual(answer.body, { error: "insufficient_scope", error_description: description });
  assert.equal(answer.headers["www-authenticate"], `Bearer error="insufficient_scope", error_description="${description}"`);
  assert.equal(answer.headers["is-token-expired"], undefined, "no refresh helps");
  assert.equal(answer.headers["cache-control"], "no-store");
}
