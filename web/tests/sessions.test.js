import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, ORIGIN, rejection, somebody, startService, withCookies } from "./support.js";

let service;
before(async () => void (service = await startService({ ALLOWED_ORIGIN: ORIGIN })));
after(() => service.stop());

async function signedIn(options) {
  const browser = new Browser(service);
  if (options?.transport === "cookie") withCookies(browser.network);
  const client = browser.tab(options);
  const person = somebody();
  const user = await client.register(person);
  return { client, network: browser.network, user, person, id: client.status().sessionId };
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
  const error = await rejection(client.sessions.end("of/nobody"));
  assert.deepEqual([error.code, error.status, error.message], ["not_found", 404, "There is no such session."]);
  assert.equal((await rejection(client.sessions.endAll())).code, "network");
  assert.ok(client.user);
});

test("a change of the password ends every other session, and goes on with the tokens that come back", async () => {
  for (const options of [{}, { transport: "cookie" }]) {
    const here = await signedIn(options);
    const there = await elsewhere(here);
    const newPassword = "nanoseconds of copper wire";
    const { client, user, person, id } = here;
    assert.deepEqual(await client.changePassword({ currentPassword: person.password, newPassword }), user);
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
  const wrong = { currentPassword: "a wrong guess", newPassword: "nanoseconds of copper wire" };
  assert.equal((await rejection(client.changePassword(wrong))).code, "invalid_credentials");
  assert.equal((await rejection(client.changePassword({ ...wrong, newPassword: "password" }))).code, "invalid_request");
  assert.equal(network.count("/refresh"), 0);
  assert.ok(client.user);
});

test("this device can change the password while a stranger guesses it", async () => {
  const { client, person } = await signedIn();
  const stranger = new Browser(service).tab();
  const guess = () => rejection(stranger.login({ email: person.email, password: "a wrong guess" }));
  for (let count = 0; count < 5; count += 1) assert.equal((await guess()).code, "invalid_credentials");
  assert.equal((await guess()).code, "too_many_attempts");
  await client.changePassword({ currentPassword: person.password, newPassword: "nanoseconds of copper wire" });
});
