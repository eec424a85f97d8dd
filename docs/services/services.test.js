/**
 * The services beside this file, each in front of the keys that `cargo run` publishes: what they let in, what they refuse and
 * how, and how often they fetch keys. scripts/services runs it.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHash, createHmac, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { somebody, startService } from "../../web/tests/support.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const { RATCHET_AXUM, RATCHET_PYTHON_TOOLS } = process.env;
const services = {
  express: ["node", ["server.js"]],
  fastapi: [`${RATCHET_PYTHON_TOOLS}/uvicorn`, ["main:app", "--host", "127.0.0.1", "--port", "0"]],
  axum: [RATCHET_AXUM, []],
};
const issuer = "urn:ratchet:local";
const cooldown = 1;

// ---- Keys, and tokens of our own making --------------------------------------------------------------------------------

const members = { OKP: ["crv", "kty", "x"], EC: ["crv", "kty", "x", "y"], RSA: ["e", "kty", "n"] };

function newKey(alg, state) {
  const [type, options] = { EdDSA: ["ed25519"], ES256: ["ec", { namedCurve: "P-256" }], RS256: ["rsa", { modulusLength: 2048 }] }[alg];
  const { publicKey, privateKey } = generateKeyPairSync(type, options);
  const jwk = publicKey.export({ format: "jwk" });
  const thumbprint = JSON.stringify(Object.fromEntries(members[jwk.kty].map((name) => [name, jwk[name]])));
  const kid = createHash("sha256").update(thumbprint).digest("base64url"); // RFC 7638
  const private_key = privateKey.export({ format: "der", type: "pkcs8" }).toString("base64url");
  return { alg, kid, jwk, privateKey, entry: { kid, alg, state, private_key } };
}

const keys = { EdDSA: newKey("EdDSA", "current"), ES256: newKey("ES256", "next"), RS256: newKey("RS256", "retired") };
const strangers = newKey("EdDSA", "current");
const keySetOf = (...signing) =>
  JSON.stringify({
    signing_keys: signing.map((key) => key.entry),
    refresh_token_keys: [{ id: 1, state: "current", key: Buffer.alloc(32, 7).toString("base64url") }],
  });

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const seconds = () => Math.floor(Date.now() / 1000);
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
function token(header = {}, payload = {}, key = keys.EdDSA) {
  const message = `${part({ typ: "at+jwt", alg: key.alg, kid: key.kid, ...header })}.${part({ ...claims(), ...payload })}`;
  const digest = key.alg === "EdDSA" ? null : "sha256";
  const signature = sign(digest, Buffer.from(message), { key: key.privateKey, dsaEncoding: "ieee-p1363" });
  return `${message}.${signature.toString("base64url")}`;
}

function hmac(secret, kid) {
  const message = `${part({ typ: "at+jwt", alg: "HS256", kid })}.${part(claims())}`;
  return `${message}.${createHmac("sha256", secret).update(message).digest("base64url")}`;
}

/** The same token with another character in the middle of a part. */
function damaged(text, at) {
  const parts = text.split(".");
  const middle = Math.floor(parts[at].length / 2);
  const other = parts[at][middle] === "A" ? "B" : "A";
  parts[at] = parts[at].slice(0, middle) + other + parts[at].slice(middle + 1);
  return parts.join(".");
}

// ---- Servers -----------------------------------------------------------------------------------------------------------

/** Where services fetch keys: what a local server publishes, as long as there is one. Counts how often. */
const jwks = { body: undefined, fetched: 0 };
const jwksServer = createServer((_request, response) => {
  jwks.fetched += 1;
  response.writeHead(jwks.body ? 200 : 503, { "content-type": "application/json" }).end(jwks.body);
});

const publish = async (ratchet) => {
  const answer = await fetch(`${ratchet.url}/.well-known/jwks.json`);
  assert.equal(answer.status, 200);
  jwks.body = await answer.text();
};

async function register(ratchet) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${ratchet.url}/register`, { method: "POST", headers, body: JSON.stringify(somebody()) });
  assert.equal(answer.status, 201);
  return answer.json();
}

/** Starts a service, and waits for it to say where it listens. */
async function start(name, furtherSettings = {}) {
  const [program, programArguments] = services[name];
  const { port } = jwksServer.address();
  const settings = {
    JWKS_URL: `http://127.0.0.1:${port}/`,
    ISSUER: issuer,
    JWKS_COOLDOWN_SECONDS: String(cooldown),
    PORT: "0",
    ...furtherSettings,
  };
  const child = spawn(program, programArguments, {
    cwd: `${here}${name}`,
    env: { ...process.env, AUDIENCE: "ratchet", ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const url = await new Promise((resolve, reject) => {
    let said = "";
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${name} ended with ${code}: ${said}`)));
    const read = (chunk) => {
      said += chunk;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
      if (found) resolve(found[0]);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
  });
  const stop = async () => {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  };
  return { url, stop };
}

/** One request with exactly these `Authorization` headers, which `fetch` can't do. */
async function get(service, authorization, query = "") {
  const url = new URL(`/hello${query}`, service.url);
  const headers = ["Host", url.host, "Connection", "close"];
  for (const value of authorization) headers.push("Authorization", value);
  const sent = request(url, { headers }).end();
  const [response] = await once(sent, "response");
  let text = "";
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, headers: response.headers, body: JSON.parse(text) };
}
const bearer = (service, text) => get(service, [`Bearer ${text}`]);

async function eventually(answer, accept) {
  const end = Date.now() + 60_000;
  for (;;) {
    const got = await answer();
    if (accept(got)) return got;
    assert.ok(Date.now() < end, JSON.stringify(got));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function assertRefused(answer, { expired = false, missing = false } = {}) {
  assert.equal(answer.status, 401, JSON.stringify(answer.body));
  const reason = missing ? "is missing" : expired ? "has expired" : "is not valid";
  const description = `The access token ${reason}.`;
  assert.deepEqual(answer.body, { error: "invalid_token", error_description: description });
  const challenge = missing ? "Bearer" : `Bearer error="invalid_token", error_description="${description}"`;
  assert.equal(answer.headers["www-authenticate"], challenge);
  assert.equal(answer.headers["is-token-expired"], String(expired));
  assert.equal(answer.headers["cache-control"], "no-store");
}

// ---- Tests -------------------------------------------------------------------------------------------------------------

let ratchet, hasty, other;
before(async () => {
  jwksServer.listen(0, "127.0.0.1");
  await once(jwksServer, "listening");
  const KEY_SET = keySetOf(keys.RS256, keys.EdDSA, keys.ES256);
  ratchet = await startService({ KEY_SET, ACCESS_TOKEN_SECONDS: "300" });
  hasty = await startService({ KEY_SET, ACCESS_TOKEN_SECONDS: "2" });
  other = await startService({ KEY_SET, AUDIENCE: "another", ACCESS_TOKEN_SECONDS: "300" });
});
after(async () => {
  jwksServer.close();
  await ratchet?.stop();
  await hasty?.stop();
  await other?.stop();
});

test("docs/attach/jwt-authorizer/add-rs256-key.mjs puts an RS256 key behind the others, which Ratchet takes and publishes", async () => {
  const script = `${here}../attach/jwt-authorizer/add-rs256-key.mjs`;
  const KEY_SET = execFileSync(process.execPath, [script], { input: keySetOf(keys.EdDSA), stdio: "pipe" }).toString();
  const service = await startService({ KEY_SET });
  try {
    const { keys: published } = await (await fetch(`${service.url}/.well-known/jwks.json`)).json();
    assert.deepEqual(published.map((key) => key.alg), ["EdDSA", "RS256"]);
    assert.equal(published[1].kid, JSON.parse(KEY_SET).signing_keys[1].kid);
  } finally {
    await service.stop();
  }
});

for (const name of Object.keys(services)) {
  describe(name, () => {
    let service;
    before(async () => {
      jwks.body = undefined;
      service = await start(name);
    });
    after(() => service?.stop());

    test("without keys it is 503, and with keys it lets in who has signed in, until the token expires", async () => {
      const refused = await bearer(service, token());
      assert.equal(refused.status, 503);
      assert.equal(refused.headers["retry-after"], "1");
      assert.equal(refused.body.error, "temporarily_unavailable");
      await publish(ratchet);
      await eventually(() => bearer(service, token()), (answer) => answer.status === 200);

      const { fetched } = jwks;
      const { access_token, refresh_token, session_id, user } = await register(ratchet);
      const answer = await bearer(service, access_token);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.deepEqual(answer.body, { user: user.id, session: session_id, roles: [] });
      assertRefused(await bearer(service, refresh_token));
      const short = (await register(hasty)).access_token;
      const late = await eventually(() => bearer(service, short), ({ status }) => status !== 200);
      assertRefused(late, { expired: true });
      assert.equal(jwks.fetched, fetched, "known keys are not fetched again");
    });

    test("it takes every algorithm that Ratchet has, and the media type and the scheme however they are spelt", async () => {
      const good = [token({}, {}, keys.ES256), token({}, {}, keys.RS256), token({ typ: "application/at+jwt" })];
      for (const text of good) assert.equal((await bearer(service, text)).status, 200, text);
      assert.equal((await get(service, [`bearer ${token()}`])).status, 200);
    });

    test("without a header it is 401 and a bare challenge, whatever is in the query", async () => {
      assertRefused(await get(service, []), { missing: true });
      assertRefused(await get(service, [], `?access_token=${token()}`), { missing: true });
    });

    test("of two headers none is good, nor is one of another scheme or with two tokens", async () => {
      assertRefused(await get(service, [`Bearer ${token()}`, `Bearer ${token()}`]));
      assertRefused(await get(service, [`Bearer ${token()}`, "Basic YTpi"]));
      assertRefused(await get(service, [`Basic ${token()}`]));
      assertRefused(await get(service, [token()]));
      assertRefused(await get(service, [`Bearer ${token()} ${token()}`]));
    });

    test("a token for another audience is refused", async () => {
      assertRefused(await bearer(service, (await register(other)).access_token));
    });

    test("an expired token is called so only if it is genuine, and it is over in the second that it names", async () => {
      assertRefused(await bearer(service, token({}, { exp: seconds() })), { expired: true });
      assertRefused(await bearer(service, token({}, { exp: seconds() - 30 })), { expired: true });
      assertRefused(await bearer(service, damaged(token({}, { exp: seconds() - 30 }), 2)));
      assertRefused(await bearer(service, token({}, { exp: seconds() - 30, aud: "nobody" })));
    });

    const unsigned = (alg) => `${token({ alg }).split(".", 2).join(".")}.`;
    const embedded = { alg: "EdDSA", kid: undefined, jwk: strangers.jwk };
    const bad = {
      "is no token": () => "x.y.z",
      "is empty in the middle": () => "..",
      "is unsigned": () => unsigned("none"),
      "is unsigned and says nOnE": () => unsigned("nOnE"),
      "has lost its signature": () => unsigned("EdDSA"),
      "has another payload": () => damaged(token(), 1),
      "has another signature": () => damaged(token(), 2),
      "has another header": () => damaged(token(), 0),
      "is an HMAC with the public key": () => hmac(keys.RS256.jwk.n, keys.RS256.kid),
      "names another algorithm than its key has": () => token({ alg: "ES256" }),
      "names another key than it is signed with": () => token({ kid: keys.ES256.kid }),
      "is signed by a stranger in the name of our key": () => token({ kid: keys.EdDSA.kid }, {}, strangers),
      "brings its own key": () => token(embedded, {}, strangers),
      "names no key": () => token({ kid: undefined }),
      "is of the type JWT": () => token({ typ: "JWT" }),
      "is of no type": () => token({ typ: undefined }),
      "has a critical header field": () => token({ crit: ["x"], x: 1 }),
      "is of another issuer": () => token({}, { iss: "https://example.com" }),
      "has no issuer": () => token({}, { iss: undefined }),
      "has no audience": () => token({}, { aud: undefined }),
      "has no end": () => token({}, { exp: undefined }),
      "ends at a text": () => token({}, { exp: "tomorrow" }),
      "has no user": () => token({}, { sub: undefined }),
      "has no session": () => token({}, { sid: undefined }),
    };
    for (const [what, make] of Object.entries(bad)) {
      test(`a token that ${what} is refused`, async () => assertRefused(await bearer(service, make())));
    }

    test("tokens of unknown keys make it fetch keys now and then, and a new key is found so", async () => {
      const [before, began] = [jwks.fetched, Date.now()];
      // One after the other: what comes at once may share a fetch.
      for (let turn = 0; turn < 40; turn += 1) assertRefused(await bearer(service, token({}, {}, strangers)));
      const most = 2 + (Date.now() - began) / 1000 / cooldown;
      assert.ok(jwks.fetched - before <= most, `${jwks.fetched - before} fetches, at most ${most}`);

      const fresh = newKey("EdDSA", "next");
      const rotated = await startService({ KEY_SET: keySetOf(keys.EdDSA, fresh) });
      await publish(rotated);
      await rotated.stop();
      await eventually(() => bearer(service, token({}, {}, fresh)), ({ status }) => status === 200);
    });

    test("a key that is published no more is refused before long, and so is every token while keys can't be had", async (t) => {
      await publish(ratchet);
      const service = await start(name, { JWKS_MAX_AGE_SECONDS: "2" });
      t.after(service.stop);
      assert.equal((await bearer(service, token())).status, 200);
      const left = await startService({ KEY_SET: keySetOf(newKey("EdDSA", "current"), keys.ES256) });
      await publish(left);
      await left.stop();
      assertRefused(await eventually(() => bearer(service, token()), ({ status }) => status !== 200));
      assert.equal((await bearer(service, token({}, {}, keys.ES256))).status, 200);
      jwks.body = undefined;
      const made = () => bearer(service, token({}, {}, keys.ES256));
      assert.equal((await eventually(made, ({ status }) => status !== 200)).status, 503);
      for (let turn = 0; turn < 5; turn += 1) assert.equal((await made()).status, 503);
    });
  });
}
