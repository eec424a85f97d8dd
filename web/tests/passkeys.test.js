import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { authenticatorOf } from "../dist/webauthn.js";
import { newSession, promise, rejection, settle, signedInAt, startService } from "./support.js";

let service;
before(async () => void (service = await startService()));
after(() => service.stop());

const INFO = { id: "AQID", name: "Laptop", created_at: 1_700_000_000, last_used_at: null, backed_up: true, transports: ["internal"] };
const challenge = (n, expires_in = 300) => ({ challenge_id: `challenge-${n}`, public_key: { challenge: "AQ" }, expires_in });
const refusedBy = (name) => Promise.reject(new DOMException("", name));

/** Somebody who has signed out, and has a passkey as far as the answers to the routes go. */
async function signedOut() {
  const parts = await signedInAt(service);
  await parts.client.logout();
  return parts;
}

/** A call to an authenticator that the test ends; a signal does too. */
function waiting() {
  const calls = [];
  const get = (options, { mediation, signal }) => {
    const answer = promise();
    signal?.addEventListener("abort", () => answer.reject(signal.reason));
    calls.push({ options, mediation, answer });
    return answer;
  };
  return { calls, get };
}

test("a passkey signs in without an address", async () => {
  const { client, network, person, user } = await signedOut();
  network.answers("/passkeys/options", 200, challenge(1)).on("/passkeys/sign-in", newSession(service, person));
  const { calls, get } = waiting();
  const signing = client.passkeysWith({ get }).signIn();
  while (calls.length === 0) await settle();
  assert.deepEqual(calls[0].options, { challenge: "AQ" });
  calls[0].answer.resolve({ id: "AQID" });
  assert.equal((await signing).id, user.id);
  const [sent] = network.bodies("/passkeys/sign-in");
  assert.deepEqual([sent.challenge_id, sent.credential], ["challenge-1", { id: "AQID" }]);
  assert.equal((await client.fetch("/weather")).status, 200);
});

test("nobody who chooses no passkey is signed in, and nothing is sent", async () => {
  const { client, network } = await signedOut();
  network.answers("/passkeys/options", 200, challenge(1), {}, 4);
  for (const [name, code] of [
    ["NotAllowedError", "passkey_cancelled"],
    ["AbortError", "passkey_cancelled"],
    ["SecurityError", "passkey_unsupported"],
  ]) {
    const error = await rejection(client.passkeysWith({ get: () => refusedBy(name) }).signIn());
    assert.deepEqual([error.code, error.cause.name], [code, name]);
  }
  const reason = new Error("enough");
  const stop = new AbortController();
  const { calls, get } = waiting();
  const signing = rejection(client.passkeysWith({ get }).signIn({ signal: stop.signal }));
  while (calls.length < 1) await settle();
  stop.abort(reason);
  assert.equal(await signing, reason);
  assert.equal(network.count("/passkeys/sign-in"), 0);
});

test("a passkey that the service refuses is an error, and the code is the one of a wrong password", async () => {
  const { client, network } = await signedOut();
  network.answers("/passkeys/options", 200, challenge(1));
  network.answers("/passkeys/sign-in", 401, { error: "invalid_credentials", error_description: "No." });
  const error = await rejection(client.passkeysWith({ get: async () => ({}) }).signIn());
  assert.deepEqual([error.code, client.user], ["invalid_credentials", null]);
});

test("a conditional sign-in makes way for a dialog, and continues when that is cancelled", async () => {
  const { client, network, person, user } = await signedOut();
  network.answers("/passkeys/options", 200, challenge(1), {}, 3).on("/passkeys/sign-in", newSession(service, person));
  const { calls, get } = waiting();
  const passkeys = client.passkeysWith({ get });
  const signing = passkeys.signIn({ conditional: true });
  while (calls.length < 1) await settle();
  const dialog = rejection(passkeys.signIn());
  while (calls.length < 2) await settle();
  calls[1].answer.reject(new DOMException("", "NotAllowedError"));
  assert.equal((await dialog).code, "passkey_cancelled");
  while (calls.length < 3) await settle();
  assert.deepEqual(calls.map(({ mediation }) => mediation), ["conditional", undefined, "conditional"]);
  calls[2].answer.resolve({});
  assert.equal((await signing).id, user.id);
});

test("a conditional sign-in is over when a dialog has signed in, or its signal aborts", async () => {
  const { client, network, person, user } = await signedOut();
  network.answers("/passkeys/options", 200, challenge(1), {}, 3).on("/passkeys/sign-in", newSession(service, person));
  const { calls, get } = waiting();
  const passkeys = client.passkeysWith({ get });
  const signing = passkeys.signIn({ conditional: true });
  while (calls.length < 1) await settle();
  const dialog = passkeys.signIn();
  while (calls.length < 2) await settle();
  calls[1].answer.resolve({});
  assert.deepEqual([(await dialog).id, (await signing).id], [user.id, user.id]);
  const stop = new AbortController();
  const other = rejection(passkeys.signIn({ conditional: true, signal: stop.signal }));
  while (calls.length < 3) await settle();
  stop.abort();
  assert.equal((await other).name, "AbortError");
});

test("where signals can't throw and don't say why they aborted, as in React Native, a conditional sign-in is ended all the same", { timeout: 10_000 }, async (t) => {
  for (const name of ["throwIfAborted", "reason"]) {
    const own = Object.getOwnPropertyDescriptor(AbortSignal.prototype, name);
    delete AbortSignal.prototype[name];
    t.after(() => Object.defineProperty(AbortSignal.prototype, name, own));
  }
  const { client, network, person, user } = await signedOut();
  network.answers("/passkeys/options", 200, challenge(1), {}, 2).on("/passkeys/sign-in", newSession(service, person));
  const { calls, get } = waiting();
  const { signIn } = client.passkeysWith({ get });
  const stop = new AbortController();
  const stopped = rejection(signIn({ conditional: true, signal: stop.signal }));
  while (calls.length < 1) await settle();
  stop.abort();
  assert.equal((await stopped)?.name, "AbortError");
  assert.equal((await rejection(signIn({ conditional: true, signal: stop.signal })))?.name, "AbortError");
  const signing = signIn({ conditional: true, signal: new AbortController().signal });
  while (calls.length < 2) await settle();
  calls[1].answer.resolve({});
  assert.equal((await signing).id, user.id);
});

test("an answer without what was asked for is not the caller's mistake", async () => {
  const { client, network, person } = await signedInAt(service);
  const proof = { currentPassword: person.password };
  for (const answer of [null, {}, [], 7]) {
    for (const path of ["/passkeys/options", "/passkeys/creation-options", "/passkeys", "/factors/recovery-codes"]) {
      network.answers(path, 200, answer);
    }
    const passkeys = client.passkeysWith({ get: () => assert.fail(), create: () => assert.fail() });
    for (const ask of [passkeys.signIn, () => passkeys.create(proof), passkeys.list, () => client.factors.newRecoveryCodes(proof)]) {
      const { name, code } = (await rejection(ask())) ?? {};
      assert.deepEqual([name, code], ["RatchetError", "unexpected_answer"], `${JSON.stringify(answer)} ${ask}`);
    }
  }
});

test("a conditional sign-in asks for another challenge before one runs out", async () => {
  const { client, network, person } = await signedOut();
  network.answers("/passkeys/options", 200, challenge(1, 0.05)).answers("/passkeys/options", 200, challenge(2));
  network.on("/passkeys/sign-in", newSession(service, person));
  const { calls, get } = waiting();
  const signing = client.passkeysWith({ get }).signIn({ conditional: true });
  while (calls.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  calls[1].answer.resolve({});
  await signing;
  assert.equal(network.bodies("/passkeys/sign-in")[0].challenge_id, "challenge-2");
});

test("a passkey is made with a proof, and this browser goes on with a new session", async () => {
  const { client, network, person } = await signedInAt(service);
  const { sessionId } = client.status();
  network.answers("/passkeys/creation-options", 200, challenge(1));
  network.on("/passkeys", newSession(service, person, { passkey: INFO }));
  const made = [];
  const passkeys = client.passkeysWith({ create: async (options) => (made.push(options), { id: "AQID" }) });
  const info = await passkeys.create({ name: "Laptop", currentPassword: person.password, totp: "123456" });
  assert.deepEqual([info, made], [INFO, [{ challenge: "AQ" }]]);
  const [asked] = network.bodies("/passkeys/creation-options");
  assert.deepEqual([asked.current_password, asked.totp], [person.password, "123456"]);
  const [sent] = network.bodies("/passkeys");
  assert.deepEqual([sent.challenge_id, sent.name, sent.credential], ["challenge-1", "Laptop", { id: "AQID" }]);
  assert.notEqual(client.status().sessionId, sessionId);
  assert.equal((await client.fetch("/weather")).status, 200);
});

test("a device that has a passkey of the account already says so, and the session goes on", async () => {
  const { client, network, person } = await signedInAt(service);
  network.answers("/passkeys/creation-options", 200, challenge(1));
  const passkeys = client.passkeysWith({ create: () => refusedBy("InvalidStateError") });
  assert.equal((await rejection(passkeys.create({ currentPassword: person.password }))).code, "passkey_exists");
  assert.equal(network.count("/passkeys"), 0);
  assert.equal((await client.fetch("/weather")).status, 200);
});

test("passkeys are listed, renamed and removed", async () => {
  const { client, network, person } = await signedInAt(service);
  const passkeys = client.passkeysWith();
  network.answers("/passkeys", 200, { passkeys: [INFO] });
  assert.deepEqual(await passkeys.list(), [INFO]);
  network.answers("/passkeys/AQID", 200, { ...INFO, name: "Phone" });
  assert.equal((await passkeys.rename({ id: "AQID", name: "Phone" })).name, "Phone");
  network.on("/passkeys/AQID", newSession(service, person));
  const { sessionId } = client.status();
  await passkeys.remove({ id: "AQID", currentPassword: person.password });
  assert.notEqual(client.status().sessionId, sessionId);
  network.answers("/passkeys/AQID", 409, { error: "last_factor", error_description: "It is the last one." });
  assert.equal((await rejection(passkeys.remove({ id: "AQID" }))).code, "last_factor");
  assert.deepEqual(
    network.requests.filter(({ path }) => path === "/passkeys/AQID").map(({ method }) => method),
    ["PUT", "DELETE", "DELETE"],
  );
  for (const id of ["../sessions", "a/b", ""]) {
    assert.equal((await rejection(passkeys.remove({ id }))).code, "invalid_argument", id);
  }
});

const bytes = (...numbers) => Uint8Array.from(numbers).buffer;
const isBytes = (value, ...numbers) => assert.deepEqual([...new Uint8Array(value.buffer ?? value)], numbers);

/** Has the browser's own part of Web Authentication, of before it knew JSON. */
function withBrowser(t, container, PublicKeyCredential = class {}) {
  const before = ["navigator", "PublicKeyCredential"].map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
  const set = (name, value) => Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  set("navigator", { credentials: container });
  set("PublicKeyCredential", PublicKeyCredential);
  t.after(() => before.forEach(([name, was]) => (was ? Object.defineProperty(globalThis, name, was) : delete globalThis[name])));
}

test("where the browser knows no JSON, bytes are turned here", async (t) => {
  const asked = [];
  const answer = (response, more) => ({ id: "AQID", type: "public-key", getClientExtensionResults: () => ({}), response, ...more });
  withBrowser(t, {
    create: async ({ publicKey }) => {
      asked.push(publicKey);
      const response = { clientDataJSON: bytes(1), attestationObject: bytes(251, 255), getTransports: () => ["usb"] };
      return answer(response, { authenticatorAttachment: "cross-platform" });
    },
    get: async ({ publicKey, mediation }) => {
      asked.push(publicKey, mediation);
      return answer({ clientDataJSON: bytes(1), authenticatorData: bytes(2), signature: bytes(3), userHandle: null });
    },
  });
  const { create, get } = authenticatorOf({});
  const descriptor = { type: "public-key", id: "-_8" };
  const made = await create({ challenge: "AQ", user: { id: "Ag", name: "a" }, rp: { id: "localhost" }, excludeCredentials: [descriptor] }, {});
  const response = { clientDataJSON: "AQ", attestationObject: "-_8", transports: ["usb"] };
  const common = { id: "AQID", rawId: "AQID", type: "public-key", clientExtensionResults: {} };
  assert.deepEqual(made, { ...common, authenticatorAttachment: "cross-platform", response });
  isBytes(asked[0].challenge, 1);
  isBytes(asked[0].user.id, 2);
  isBytes(asked[0].excludeCredentials[0].id, 251, 255);
  const got = await get({ challenge: "AQ", allowCredentials: [descriptor] }, { mediation: "conditional" });
  assert.deepEqual(got, { ...common, response: { clientDataJSON: "AQ", authenticatorData: "Ag", signature: "Aw" } });
  isBytes(asked[1].allowCredentials[0].id, 251, 255);
  assert.equal(asked[2], "conditional");
});

test("where the browser knows JSON, that is what does the work", async (t) => {
  class Credential {
    static parseRequestOptionsFromJSON = (json) => ({ parsed: json });
    static parseCreationOptionsFromJSON = (json) => ({ parsed: json });
  }
  const echo = async ({ publicKey }) => ({ toJSON: () => publicKey });
  withBrowser(t, { create: echo, get: echo }, Credential);
  const { create, get } = authenticatorOf({});
  assert.deepEqual([await create({ a: 1 }, {}), await get({ b: 2 }, {})], [{ parsed: { a: 1 } }, { parsed: { b: 2 } }]);
});

test("where there are no passkeys, that is said before anything is asked", async () => {
  const error = await rejection(authenticatorOf({}).get({}, {}));
  assert.equal(error.code, "passkey_unsupported");
});
