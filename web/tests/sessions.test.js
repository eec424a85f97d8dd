import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, ORIGIN, promise, rejection, settle, somebody, startService, withCookies } from "./support.js";

let service;
before(async () => void (service = await startService({ ALLOWED_ORIGIN: ORIGIN })));
after(() => service.stop());

async function signedIn(options) {
  const browser = new Browser(service);
  const { clock, network } = browser;
  if (options?.transport === "cookie") withCookies(network);
  const client = browser.tab(options);
  const person = somebody();
  const user = await client.register(person);
  return { browser, clock, client, network, user, person, id: client.status().sessionId };
}

/** The same in two tabs. */
async function inTwoTabs(options) {
  const here = await signedIn(options);
  const other = here.browser.tab(options);
  await other.resume();
  return { ...here, other };
}

const newPassword = "nanoseconds of copper wire";
/** A change of this person's password. */
const changed = ({ client, person }) => client.changePassword({ currentPassword: person.password, newPassword });

/** Nobody in these tabs was signed out, and the session is another one that can be refreshed. */
async function assertGoesOn({ user, id }, ...clients) {
  await settle();
  for (const client of clients) {
    assert.ok(client.seen.every(({ event }) => event !== "signedout"));
    assert.notEqual(client.status().sessionId, id);
    assert.deepEqual(await client.refresh(), user);
  }
  assert.equal((await clients[0].sessions.list()).sessions.length, 1);
}

/** The same person in another browser. */
async function elsewhere({ person }) {
  const browser = new Browser(service);
  const client = browser.tab();
  await client.login(person);
  return { client, id: client.status().sessionId };
}

/** What an ended session learns when it asks for anything. */
async function assertEnded(client) {
  assert.equal((await rejection(client.refresh())).code, "signed_out");
  assert.equal(client.seen.at(-1).reason, "refused");
}

test("the sessions are listed, and which is this one", async () => {
  const here = await signedIn();
  const there = await elsewhere(here);
  const { sessions, server_time } = await here.client.sessions.list();
  assert.deepEqual(new Map(sessions.map(({ id, current }) => [id, current])), new Map([[here.id, true], [there.id, false]]));
  for (const { created_at, last_used_at, expires_at } of sessions) {
    assert.ok(created_at <= last_used_at && last_used_at <= server_time && server_time < expires_at);
  }
});

test("ending another session, or all others, leaves this one", async () => {
  const here = await signedIn();
  const [first, second] = [await elsewhere(here), await elsewhere(here)];
  await here.client.sessions.end(first.id);
  await assertEnded(first.client);
  await second.client.refresh();
  await here.client.sessions.endOthers();
  await assertEnded(second.client);
  await here.client.refresh();
  assert.equal((await here.client.sessions.list()).sessions.length, 1);
});

test("ending this session, or all, signs out", async () => {
  for (const options of [{}, { transport: "cookie" }]) {
    for (const end of [(client, id) => client.sessions.end(id), (client) => client.sessions.endAll()]) {
      const { client, network, user, id } = await signedIn(options);
      await end(client, id);
      assert.deepEqual(client.seen.at(-1), { event: "signedout", user, reason: "ended", elsewhere: false });
      assert.equal((await rejection(client.fetch("/weather"))).code, "signed_out");
      if (options.transport) assert.equal(network.cookie(), undefined);
    }
  }
});

test("a session that was ended elsewhere is over as soon as it asks for the sessions", async () => {
  const here = await signedIn();
  const there = await elsewhere(here);
  await here.client.sessions.endOthers();
  assert.equal((await rejection(there.client.sessions.list())).code, "signed_out");
  assert.equal(there.client.seen.at(-1).reason, "refused");
});

test("a refusal is an error with its code, and ends nothing", async () => {
  const { client, network } = await signedIn();
  network.fails("/sessions");
  const error = await rejection(client.sessions.end("of-nobody"));
  assert.deepEqual([error.code, error.status, error.message], ["not_found", 404, "There is no such session."]);
  assert.equal((await rejection(client.sessions.endAll())).code, "network");
  assert.ok(client.user);
});

test("a change of the password ends every other session, and goes on with the tokens that come back", async () => {
  for (const options of [{}, { transport: "cookie" }]) {
    const here = await signedIn(options);
    const there = await elsewhere(here);
    const { client, user, person, id } = here;
    assert.deepEqual(await changed(here), user);
    assert.ok(client.seen.every(({ event }) => event !== "signedout"));
    const now = client.status().sessionId;
    assert.notEqual(now, id);
    await client.refresh();
    assert.equal(client.status().sessionId, now);
    assert.equal((await client.sessions.list()).sessions.length, 1);
    await assertEnded(there.client);
    await client.logout();
    assert.equal((await rejection(client.login(person))).code, "invalid_credentials");
    await client.login({ ...person, password: newPassword });
  }
});

test("a wrong password at a change is an error with its code, refreshes nothing and ends nothing", async () => {
  const { client, network } = await signedIn();
  const wrong = { currentPassword: "a wrong guess", newPassword };
  assert.equal((await rejection(client.changePassword(wrong))).code, "invalid_credentials");
  assert.equal((await rejection(client.changePassword({ ...wrong, newPassword: "password" }))).code, "invalid_request");
  assert.equal(network.count("/refresh"), 0);
  assert.ok(client.user);
});

test("this device can change the password while a stranger guesses it", async () => {
  const here = await signedIn();
  const { person } = here;
  const stranger = new Browser(service).tab();
  const guess = () => rejection(stranger.login({ email: person.email, password: "a wrong guess" }));
  for (let count = 0; count < 5; count += 1) assert.equal((await guess()).code, "invalid_credentials");
  assert.equal((await guess()).code, "too_many_attempts");
  await changed(here);
});

const TRANSPORTS = [{}, { storage: "memory" }, { transport: "cookie" }, { transport: "cookie", storage: "memory" }];
/** Whether tabs have nothing in common. */
const areStrangers = ({ transport, storage }) => !transport && storage === "memory";

test("a change of the password waits for the refresh that is due with it", async () => {
  for (const options of TRANSPORTS) {
    for (const hold of ["holds", "holdsAnswer"]) {
      const here = await signedIn(options);
      const { client, clock, network } = here;
      clock.advance(client.status().refreshAfter * 1000);
      const refresh = network[hold]("/refresh");
      const changing = changed(here);
      await refresh.arrived;
      await settle();
      assert.equal(network.count("/password"), 0);
      refresh.go();
      await changing;
      assert.deepEqual([network.count("/refresh"), network.count("/password")], [1, 1]);
      await assertGoesOn(here, client);
    }
  }
});

test("a refresh that becomes due during a change of the password waits for it, and has nothing left to do", async () => {
  for (const options of TRANSPORTS) {
    const here = await signedIn(options);
    const { client, clock, network } = here;
    clock.advance(client.status().refreshAfter * 1000 - 1);
    const change = network.holdsAnswer("/password");
    const changing = changed(here);
    await change.arrived;
    clock.advance(1);
    assert.equal((await client.fetch("/weather")).status, 200);
    await settle();
    assert.equal(network.count("/refresh"), 0);
    change.go();
    await changing;
    await settle();
    assert.equal(network.count("/refresh"), 0);
    await assertGoesOn(here, client);
  }
});

test("a change of the password and a refresh in another tab wait for each other", async () => {
  for (const options of TRANSPORTS.filter((options) => !areStrangers(options))) {
    const here = await inTwoTabs(options);
    const { client, network, other, user } = here;
    const before = network.count("/refresh");
    const refresh = network.holdsAnswer("/refresh");
    const change = network.holdsAnswer("/password");
    const refreshing = other.refresh();
    await refresh.arrived;
    const changing = changed(here);
    await settle();
    assert.equal(network.count("/password"), 0);
    refresh.go();
    await Promise.all([refreshing, change.arrived]);
    const again = other.refresh();
    await settle();
    assert.equal(network.count("/refresh") - before, 1);
    change.go();
    assert.deepEqual(await Promise.all([changing, again]), [user, user]);
    assert.equal(network.count("/refresh") - before, 1);
    await assertGoesOn(here, client, other);
  }
});

/** Locks that hold nobody up, as when a refresh has lost patience. */
const NO_LOCKS = { locks: { request: (_name, _options, callback) => callback({}) } };

test("a session that was refused because of a change of the password goes on when the change is answered", async () => {
  for (const options of TRANSPORTS) {
    for (const inOther of areStrangers(options) ? [false] : [false, true]) {
      const here = await inTwoTabs({ ...options, platform: NO_LOCKS });
      const { client, id, network, other, user } = here;
      const refresh = network.holds("/refresh");
      const change = network.holdsAnswer("/password");
      const refreshing = rejection((inOther ? other : client).refresh());
      await refresh.arrived;
      const changing = changed(here);
      await change.arrived;
      refresh.go();
      assert.equal((await refreshing).code, "signed_out");
      await settle();
      assert.equal(client.seen.at(-1).reason, "refused");
      change.go();
      await changing;
      await settle();
      for (const tab of areStrangers(options) ? [client] : [client, other]) {
        assert.deepEqual(tab.user, user);
        assert.notEqual(tab.status().sessionId, id);
        assert.deepEqual(await tab.refresh(), user);
      }
    }
  }
});

test("a page that knows no session yet and is refused during a change of the password ends nothing", async () => {
  const options = { transport: "cookie", storage: "memory" };
  const here = await signedIn({ ...options, platform: NO_LOCKS });
  const { browser, client, network } = here;
  const change = network.holdsAnswer("/password");
  const changing = changed(here);
  await change.arrived;
  assert.equal(await browser.tab({ ...options, platform: NO_LOCKS }).resume(), null);
  await settle();
  assert.equal(client.user, null);
  change.go();
  assert.deepEqual(await changing, client.user);
});

test("signing out during a change of the password holds, and the session of its answer is ended", async () => {
  for (const options of TRANSPORTS) {
    const here = await signedIn(options);
    const { client, network } = here;
    const change = network.holdsAnswer("/password");
    const changing = changed(here);
    const { refresh_token } = await (await change.arrived).clone().json();
    await client.logout();
    change.go();
    await changing;
    assert.equal(client.user, null);
    assert.equal(client.seen.at(-1).reason, "logout");
    if (options.transport) assert.equal(network.cookie(), undefined);
    else assert.equal(await refreshes(refresh_token), 400);
  }
});

test("somebody else's sign-in during a change of the password holds, and the session of its answer is ended", async () => {
  const here = await signedIn();
  const { client, network } = here;
  const change = network.holdsAnswer("/password");
  const changing = changed(here);
  const { refresh_token } = await (await change.arrived).clone().json();
  const grace = await client.register(somebody());
  change.go();
  await changing;
  assert.deepEqual(await client.refresh(), grace);
  assert.equal(await refreshes(refresh_token), 400);
});

/** What the service answers to a refresh with this token. */
async function refreshes(refresh_token) {
  const headers = { "content-type": "application/json" };
  const { status } = await fetch(`${service.url}/refresh`, { method: "POST", headers, body: JSON.stringify({ refresh_token }) });
  return status;
}

test("a change of the password that waits is not sent for who has signed out, nor in the name of somebody else", async () => {
  const meanwhile = [
    ["signed_out", (client) => client.logout()],
    ["user_changed", (client) => client.register(somebody())],
  ];
  for (const [code, happens] of meanwhile) {
    const here = await signedIn();
    const { client, clock, network } = here;
    clock.advance(client.status().refreshAfter * 1000);
    const refresh = network.holds("/refresh");
    const changing = rejection(changed(here));
    await refresh.arrived;
    await happens(client);
    refresh.go();
    assert.equal((await changing).code, code);
    assert.equal(network.count("/password"), 0);
  }
});

test("a change of the password whose token is refused is sent again after a refresh, once", async () => {
  const here = await signedIn();
  const { client, network } = here;
  network.spoils("/password");
  await changed(here);
  assert.deepEqual([network.count("/refresh"), network.count("/password")], [1, 2]);
  await assertGoesOn(here, client);
  network.spoils("/password", 2);
  assert.equal((await rejection(changed(here))).code, "invalid_token");
  assert.equal(network.count("/password"), 4);
});

test("a change of the password that gets no answer is given up, and holds up no refresh any more", async () => {
  const here = await signedIn({ timeoutMs: 15_000 });
  const { client, clock, network, user } = here;
  const change = network.holds("/password");
  const given = promise();
  rejection(changed(here)).then(({ code }) => given.resolve(code));
  await change.arrived;
  clock.advance(15_000);
  assert.equal(await Promise.race([given, settle()]), "network");
  assert.deepEqual(await client.refresh(), user);
});
