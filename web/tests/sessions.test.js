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

test("a change of the password goes on with the tokens that come back", async () => {
  const { client, network, user, person } = await signedIn();
  network.on("/password", async (request) => {
    const { current_password, new_password } = await request.json();
    assert.deepEqual([current_password, new_password], [person.password, "new"]);
    const { email, password } = person;
    const body = JSON.stringify({ email, password });
    return fetch(`${service.url}/login`, { method: "POST", headers: { "content-type": "application/json" }, body });
  });
  assert.deepEqual(await client.changePassword({ currentPassword: person.password, newPassword: "new" }), user);
  assert.ok(client.seen.every(({ event }) => event !== "signedout"));
  const before = client.status().sessionId;
  await client.refresh();
  assert.equal(client.status().sessionId, before);
  network.answers("/password", 401, { error: "invalid_credentials", error_description: "Wrong." });
  const error = await rejection(client.changePassword({ currentPassword: "x", newPassword: "y" }));
  assert.equal(error.code, "invalid_credentials");
  assert.equal(network.count("/refresh"), 1);
});
