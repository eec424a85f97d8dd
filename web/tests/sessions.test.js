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

const ended = () => new Response(null, { status: 204 });

test("the sessions are listed as the service tells them", async () => {
  const { client, network, id } = await signedIn();
  const list = { server_time: 3, sessions: [{ id, current: true, created_at: 1, last_used_at: 2, expires_at: 9 }] };
  network.answers("/sessions", 200, list);
  assert.deepEqual(await client.sessions.list(), list);
  assert.match(network.requests.at(-1).authorization, /^Bearer /);
});

test("ending another session, or all others, leaves this one", async () => {
  const { client, network } = await signedIn();
  network.on("/sessions/a%2Fb", ended).on("/sessions", ended);
  await client.sessions.end("a/b");
  await client.sessions.endOthers();
  assert.ok(client.user);
});

test("ending this session, or all, signs out", async () => {
  for (const options of [{}, { transport: "cookie" }]) {
    for (const end of [(client, id) => client.sessions.end(id), (client) => client.sessions.endAll()]) {
      const { client, network, user, id } = await signedIn(options);
      network.on("/sessions", ended).on(`/sessions/${id}`, ended);
      await end(client, id);
      assert.deepEqual(client.seen.at(-1), { event: "signedout", user, reason: "ended", elsewhere: false });
      assert.equal((await rejection(client.fetch("/weather"))).code, "signed_out");
      if (options.transport) assert.equal(network.cookie(), undefined);
    }
  }
});

test("a refusal is an error with its code, and ends nothing", async () => {
  const { client, network, id } = await signedIn();
  const body = { error: "not_found", error_description: "There is no such session." };
  network.answers(`/sessions/${id}`, 404, body).fails("/sessions");
  const error = await rejection(client.sessions.end(id));
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
