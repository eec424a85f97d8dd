/** The requests that change an account and begin a session, or may. The answers are those of the contract, made here. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Browser, promise, rejection, settle, somebody } from "./support.js";

/** No request gets there. */
const NOWHERE = { url: "http://127.0.0.1:9" };
const TRANSPORTS = [{}, { storage: "memory" }, { transport: "cookie" }, { transport: "cookie", storage: "memory" }];
/** Whether tabs have nothing in common. */
const areStrangers = ({ transport, storage }) => !transport && storage === "memory";

const token = "3q2-7wEjRWeJq83vASNFZ4mrze8BI0VniavN7wEjRW_";
const invalidCode = { error: "invalid_code", error_description: "The code does not work." };
const ada = { id: "937271d1", name: "Ada Lovelace", email: "ada@example.com", email_verified: true, roles: [] };
const moved = { ...ada, email: "countess@example.com" };

/** The answer that begins a session. */
function tokens(user, id, { transport } = {}) {
  const times = { expires_in: 60, refresh_after: 45, refresh_expires_in: 604_800 };
  const refresh = transport ? {} : { refresh_token: `refresh-${id}` };
  return { session_id: id, user, access_token: `access-${id}`, ...refresh, device_token: `device-${id}`, ...times };
}

function open(options) {
  const browser = new Browser(NOWHERE);
  const { network, clock } = browser;
  const client = browser.tab(options);
  const bodies = (path) => network.requests.filter((request) => request.path === path).map(({ body }) => JSON.parse(body));
  return { browser, network, clock, client, account: client.account, bodies };
}

/** Ada, signed in, in two tabs if they share the session. */
async function signedIn(options) {
  const here = open(options);
  const other = areStrangers(options) ? null : here.browser.tab(options);
  here.network.answers("/login", 200, tokens(ada, "first", options));
  await here.client.login({ email: ada.email, password: "secret" });
  await settle();
  assert.deepEqual(other?.user ?? ada, ada);
  return { ...here, other, tabs: [here.client, other].filter(Boolean) };
}

test("another address is asked for with the password and the device token, and nothing else changes", async () => {
  const { account, client, network, bodies } = await signedIn({});
  network.answers("/email", 202, "");
  assert.equal(await account.changeEmail({ email: moved.email, currentPassword: "secret" }), undefined);
  const body = { new_email: moved.email, current_password: "secret", device_token: "device-first" };
  assert.deepEqual(bodies("/email"), [body]);
  assert.equal(network.requests.at(-1).authorization, "Bearer access-first");
  assert.deepEqual(client.user, ada);
  for (const [status, error] of [[401, "invalid_credentials"], [429, "too_many_attempts"], [429, "too_many_mails"], [404, "not_found"]]) {
    network.answers("/email", status, { error }, { "retry-after": "7" });
    const { code, retryAfter } = await rejection(account.changeEmail({ email: moved.email, currentPassword: "secret" }));
    assert.deepEqual([code, retryAfter], [error, 7]);
  }
  assert.equal(network.count("/refresh"), 0);
});

test("a confirmed address goes on with the session that comes back, in all tabs", async () => {
  for (const options of TRANSPORTS) {
    const { account, client, network, tabs, bodies } = await signedIn(options);
    network.answers("/email/confirm", 200, tokens(moved, "second", options));
    assert.deepEqual(await account.confirmEmail({ token }), moved);
    await settle();
    const { authorization } = network.requests.at(-1);
    assert.equal(authorization, "Bearer access-first");
    const { token: sent, refresh_transport } = bodies("/email/confirm")[0];
    assert.deepEqual([sent, refresh_transport], [token, options.transport]);
    for (const tab of tabs) {
      assert.deepEqual(tab.user, moved);
      assert.equal(tab.status().sessionId, "second");
      assert.deepEqual(tab.seen.at(-1), { event: "signedin", user: moved, elsewhere: tab !== client });
      assert.ok(tab.seen.every(({ event }) => event !== "signedout"));
      network.answers("/weather", 200, []);
      await tab.fetch("/weather");
      assert.equal(network.requests.at(-1).authorization, "Bearer access-second");
    }
    assert.equal(network.count("/logout"), 0, "the old session has ended with the change");
    network.answers("/login", 200, tokens(moved, "third", options)).answers("/logout", 204, "");
    await client.login({ email: moved.email, password: "secret" });
    assert.equal(bodies("/login").at(-1).device_token, "device-second");
  }
});

test("a refresh in another tab waits until the address is confirmed, and has nothing left to do", async () => {
  for (const options of TRANSPORTS.filter((options) => !areStrangers(options))) {
    const { account, network, other } = await signedIn(options);
    const answer = async () => Response.json(tokens(moved, "second", options));
    const confirm = network.holds("/email/confirm", answer);
    const confirming = account.confirmEmail({ token });
    await confirm.arrived;
    const refreshing = other.refresh();
    await settle();
    assert.equal(network.count("/refresh"), 0);
    confirm.go();
    assert.deepEqual(await Promise.all([confirming, refreshing]), [moved, moved]);
    assert.equal(network.count("/refresh"), 0);
  }
});

test("signing out while the address is confirmed holds, and the session of the answer is ended", async () => {
  const { account, client, network, bodies } = await signedIn({});
  const confirm = network.holds("/email/confirm", async () => Response.json(tokens(moved, "second")));
  network.answers("/logout", 204, "", {}, 2);
  const confirming = account.confirmEmail({ token });
  await confirm.arrived;
  await client.logout();
  confirm.go();
  await confirming;
  assert.equal(client.user, null);
  assert.deepEqual(bodies("/logout"), [{ refresh_token: "refresh-first" }, { refresh_token: "refresh-second" }]);
});

test("a code of an address that does not work, or gets no answer, leaves the session", async () => {
  const { account, client, network } = await signedIn({});
  network.answers("/email/confirm", 400, invalidCode);
  assert.equal((await rejection(account.confirmEmail({ token }))).code, "invalid_code");
  network.fails("/email/confirm");
  assert.equal((await rejection(account.confirmEmail({ token }))).code, "network");
  assert.deepEqual(client.user, ada);
  assert.equal(client.status().sessionId, "first");
});

test("an address is brought back without a session, and one that ended with it is over in all tabs", async () => {
  const nobody = open();
  nobody.network.answers("/email/undo", 204, "");
  await nobody.account.undoEmail({ token });
  assert.deepEqual(nobody.bodies("/email/undo"), [{ token }]);
  assert.equal(nobody.network.requests.length, 1);

  const { account, network, tabs } = await signedIn({});
  network.answers("/email/undo", 400, invalidCode).answers("/email/undo", 204, "");
  assert.equal((await rejection(account.undoEmail({ token }))).code, "invalid_code");
  assert.equal(network.count("/refresh"), 0);
  network.answers("/refresh", 400, { error: "invalid_grant" }).answers("/logout", 204, "");
  await account.undoEmail({ token });
  await settle();
  for (const tab of tabs) assert.equal(tab.seen.at(-1).reason, "refused");
});

test("a registration signs in, or is pending and signs nobody in", async () => {
  for (const options of TRANSPORTS) {
    const { account, client, network, bodies } = open(options);
    const person = somebody();
    network.answers("/register", 202, { registration_token: "half", expires_in: 86_400 });
    assert.deepEqual(await account.register(person), { pending: true, registrationToken: "half", expiresIn: 86_400 });
    assert.deepEqual([client.user, client.seen], [null, []]);
    network.answers("/register", 201, tokens(ada, "first", options));
    assert.deepEqual(await account.register(person), { pending: false, user: ada });
    assert.deepEqual(client.user, ada);
    const { refresh_transport, ...fields } = bodies("/register")[0];
    assert.deepEqual([fields, refresh_transport], [person, options.transport]);
    network.answers("/register", 409, { error: "email_taken" }).answers("/register", 200, { something: "else" });
    assert.equal((await rejection(account.register(person))).code, "email_taken");
    assert.equal((await rejection(account.register(person))).code, "unexpected_answer");
    assert.deepEqual(client.user, ada);
  }
});

test("a pending registration leaves the session of who is signed in", async () => {
  const { account, client, network } = await signedIn({});
  network.answers("/register", 202, { registration_token: "half", expires_in: 86_400 });
  assert.equal((await account.register(somebody())).pending, true);
  assert.deepEqual(client.user, ada);
  assert.equal(network.count("/logout"), 0);
});

test("without the entry for accounts a pending registration is an error, and nobody is signed in", async () => {
  const { client, network } = open();
  network.answers("/register", 202, { registration_token: "half", expires_in: 86_400 });
  assert.equal((await rejection(client.register(somebody()))).code, "unexpected_answer");
  assert.equal(client.user, null);
});

test("a registration is confirmed by this browser's half, or by address and password in another one", async () => {
  const ways = [
    [{ registrationToken: "half", token }, { registration_token: "half", token }],
    [{ email: ada.email, password: "secret", token }, { email: ada.email, password: "secret", token }],
  ];
  for (const options of TRANSPORTS) {
    for (const [given, sent] of ways) {
      const { account, browser, client, network, bodies } = open(options);
      const other = areStrangers(options) ? null : browser.tab(options);
      network.answers("/register/confirm", 400, invalidCode).answers("/register/confirm", 201, tokens(ada, "first", options));
      assert.equal((await rejection(account.confirmRegistration(given))).code, "invalid_code");
      assert.equal(client.user, null);
      assert.deepEqual(await account.confirmRegistration(given), ada);
      await settle();
      for (const tab of [client, other].filter(Boolean)) {
        assert.deepEqual(tab.seen, [{ event: "signedin", user: ada, elsewhere: tab !== client }]);
      }
      const { refresh_transport, ...fields } = bodies("/register/confirm")[0];
      assert.deepEqual([fields, refresh_transport], [sent, options.transport]);
    }
  }
});

test("a registration is confirmed with the password by the device token of who was here before", async () => {
  const { account, network, bodies } = await signedIn({});
  network.answers("/register/confirm", 401, { error: "invalid_credentials" });
  const failing = account.confirmRegistration({ email: ada.email, password: "wrong", token });
  assert.equal((await rejection(failing)).code, "invalid_credentials");
  assert.equal(bodies("/register/confirm")[0].device_token, "device-first");
});

test("a registration that is confirmed where somebody is signed in takes that session's place", async () => {
  const { account, client, network, bodies } = await signedIn({});
  const grace = { ...ada, id: "0b1c", email: "grace@example.com" };
  const ended = promise();
  network.answers("/register/confirm", 201, tokens(grace, "second"));
  network.on("/logout", async () => (ended.resolve(), new Response(null, { status: 204 })));
  await account.confirmRegistration({ registrationToken: "half", token });
  await ended;
  assert.deepEqual(client.user, grace);
  assert.deepEqual(bodies("/logout"), [{ refresh_token: "refresh-first" }]);
});

test("what needs an argument says so before anything is sent", async () => {
  const { account, network } = await signedIn({});
  const before = network.requests.length;
  for (const name of ["changeEmail", "confirmEmail", "undoEmail", "register", "confirmRegistration"]) {
    for (const wrong of [undefined, null]) assert.equal((await rejection(account[name](wrong))).code, "invalid_argument", name);
  }
  assert.equal(network.requests.length, before);
});
