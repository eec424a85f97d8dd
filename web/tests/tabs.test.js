import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, Clock, ORIGIN, promise, rejection, settle, somebody, spoilt, startService, withCookies } from "./support.js";

let service;
before(async () => void (service = await startService({ ALLOWED_ORIGIN: ORIGIN })));
after(() => service.stop());

/** Tabs of one browser in which somebody has signed in. */
async function tabs(count, features, options) {
  const browser = new Browser(service, features);
  if (options?.transport === "cookie") withCookies(browser.network);
  const clients = Array.from({ length: count }, () => browser.tab(options));
  const user = await clients[0].register(somebody());
  await settle();
  for (const client of clients) assert.deepEqual(await client.resume(), user);
  return { browser, clients, user, network: browser.network };
}

const WAYS = [
  ["Web Locks and channels", {}, {}],
  ["Web Locks and storage events", { hasChannel: false }, {}],
  ["Web Locks and no news at all", { hasChannel: false, hasStorageEvents: false }, {}],
  ["leases and channels", { hasLocks: false, hasRealTime: true }, {}],
  ["leases and storage events", { hasLocks: false, hasChannel: false, hasRealTime: true }, {}],
  ["cookies, with tokens in memory", {}, { transport: "cookie", storage: "memory" }],
  ["cookies, with tokens in localStorage", {}, { transport: "cookie", storage: "local" }],
];

for (const [name, features, options] of WAYS) {
  test(`four tabs that all get a 401 at once refresh once: ${name}`, async () => {
    const { clients, network } = await tabs(4, features, options);
    const before = network.count("/refresh");
    const refused = promise();
    let arrived = 0;
    const refuse = async (request, send) => {
      arrived += 1;
      if (arrived === 4) refused.resolve();
      await refused;
      return spoilt(request, send);
    };
    network.on("/weather", refuse, 4);
    const responses = await Promise.all(clients.map((client) => client.fetch("/weather")));
    assert.deepEqual(responses.map(({ status }) => status), [200, 200, 200, 200]);
    assert.equal(network.count("/refresh") - before, 1);
    await settle();
    for (const { seen } of clients) assert.deepEqual(seen.filter(({ event }) => event === "signedout"), []);
  });
}

test("a clock that is put forward costs all tabs one refresh, and signs nobody out", async () => {
  const years = 10 * 365 * 86_400_000;
  for (const [name, , options] of WAYS.filter(([, features]) => !features.hasRealTime)) {
    const { browser, clients, network } = await tabs(3, {}, options);
    const before = network.count("/refresh");
    const all = async () => {
      const answers = await Promise.all(clients.map((client) => client.fetch("/weather")));
      assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200], name);
      await settle();
    };
    browser.clock.sleep(years);
    for (let times = 3; times > 0; times -= 1) await all();
    browser.clock.sleep(-years);
    for (let times = 3; times > 0; times -= 1) await all();
    assert.equal(network.count("/refresh") - before, 1, name);
    for (const { seen } of clients) assert.ok(seen.every(({ event }) => event !== "signedout"), name);
  }
});

test("tabs hear what happens in another", async () => {
  const { clients: [one, two], user } = await tabs(2);
  assert.deepEqual(two.seen, [{ event: "signedin", user, elsewhere: true }]);
  await one.refresh();
  await settle();
  assert.deepEqual(one.seen.at(-1), { event: "refreshed", user, elsewhere: false });
  assert.deepEqual(two.seen.at(-1), { event: "refreshed", user, elsewhere: true });
  await one.logout();
  await settle();
  assert.equal(two.user, null);
  assert.deepEqual(two.seen.at(-1), { event: "signedout", user, reason: "logout", elsewhere: true });
});

test("before it refreshes a tab adopts what another has stored, though it heard nothing", async () => {
  const { clients: [one, two], network } = await tabs(2, { hasChannel: false, hasStorageEvents: false });
  await one.refresh();
  assert.equal(network.count("/refresh"), 1);
  network.spoils("/weather");
  assert.equal((await two.fetch("/weather")).status, 200);
  assert.equal(network.count("/refresh"), 1);
});

test("a request that joins a refresh which comes to no more than the token that was refused is not sent with it again", async () => {
  const { browser, clients: [one], network } = await tabs(1, {}, { key: "k" });
  // Its own locks: it waits for a tab that is not heard of, while another refreshes.
  const locks = new Browser(service).locks;
  const two = browser.tab({ key: "k", platform: { locks } });
  await two.resume();
  const thaw = await locks.freeze("k:refresh");
  const refreshing = two.refresh();
  await one.refresh();
  await settle();
  assert.equal(two.seen.at(-1).event, "refreshed", "it has the other's token");
  const stale = browser.session.access_token;
  const refused = promise();
  const refusesStale = async (request, send) => {
    const isStale = request.headers.get("authorization") === `Bearer ${stale}`;
    const response = await (isStale ? spoilt(request, send) : send());
    refused.resolve();
    return response;
  };
  network.on("/weather", refusesStale, 2);
  const request = two.fetch("/weather");
  await refused;
  await settle();
  assert.deepEqual([network.count("/weather"), network.count("/refresh")], [1, 1], "it waits for the refresh");
  thaw();
  await refreshing;
  assert.equal((await request).status, 200);
  assert.deepEqual([network.count("/weather"), network.count("/refresh")], [2, 2]);
  assert.notEqual(browser.session.access_token, stale);
});

test("a refused refresh is no end when another tab has refreshed meanwhile", async () => {
  // Locks that hold nobody up, as when a tab was frozen for too long.
  const locks = { request: (_name, _options, callback) => callback({}) };
  const { clients: [one, two], network, user } = await tabs(2, {}, { platform: { locks } });
  const refused = () => Response.json({ error: "invalid_grant" }, { status: 400 });
  const held = network.holds("/refresh", refused);
  const refreshing = two.refresh();
  await held.arrived;
  await one.refresh();
  held.go();
  assert.deepEqual(await refreshing, user);
  assert.deepEqual([one.user, two.user], [user, user]);
  assert.equal(network.count("/refresh"), 2);
});

test("a sign-out in one tab while another refreshes holds", async () => {
  for (const options of [{}, { transport: "cookie", storage: "memory" }]) {
    const { browser, clients: [one, two], network } = await tabs(2, {}, options);
    const held = network.holds("/refresh");
    const refreshing = rejection(two.refresh());
    await held.arrived;
    await one.logout();
    held.go();
    assert.equal((await refreshing).code, "signed_out");
    await settle();
    assert.deepEqual([one.user, two.user], [null, null]);
    assert.equal(await browser.tab(options).resume(), null);
  }
});

test("a sign-out holds though the other tab does not hear of it before its refresh is answered", async () => {
  const { browser, clients: [one, two], network } = await tabs(2, { hasChannel: false, hasStorageEvents: false });
  const held = network.holdsAnswer("/refresh");
  const refreshing = rejection(two.refresh());
  assert.equal((await held.arrived).status, 200);
  await one.logout();
  assert.ok(two.user);
  held.go();
  assert.equal((await refreshing).code, "signed_out");
  assert.equal(two.user, null);
  assert.equal(await browser.tab().resume(), null);
});

test("when another user signs in, a tab says so, and repeats no request in their name", async () => {
  for (const options of [{}, { transport: "cookie", storage: "memory" }]) {
    const { clients: [one, two], network, user } = await tabs(2, {}, options);
    const held = network.holds("/weather", spoilt);
    const request = rejection(two.fetch("/weather"));
    await held.arrived;
    const other = await one.register(somebody());
    await settle();
    assert.deepEqual(
      two.seen.slice(-2).map(({ event, reason, user: { id }, elsewhere }) => [event, reason, id, elsewhere]),
      [
        ["signedout", "replaced", user.id, true],
        ["signedin", undefined, other.id, true],
      ],
    );
    held.go();
    assert.equal((await request).code, "user_changed");
    assert.equal(network.count("/weather"), 1);
    assert.deepEqual(two.user, other);
    assert.equal((await two.fetch("/weather")).status, 200);
  }
});

test("tabs that wait for a refresh share its failure, and the pause that the service asks for", async () => {
  const { clients, network } = await tabs(3);
  const busy = () => new Response("", { status: 503, headers: { "retry-after": "600" } });
  const held = network.holds("/refresh", busy);
  const refreshing = clients.map((client) => rejection(client.refresh()));
  await held.arrived;
  await settle();
  held.go();
  for (const error of await Promise.all(refreshing)) {
    assert.deepEqual([error.code, error.retryAfter], ["temporarily_unavailable", 600]);
  }
  for (const client of clients) {
    assert.ok(client.user);
    assert.equal((await rejection(client.refresh())).retryAfter, 300, "five minutes at most");
  }
  assert.equal(network.count("/refresh"), 1);
});

test("tabs that wait for a refresh do not each repeat its tries", async () => {
  const { clients, network } = await tabs(3);
  network.fails("/refresh", 100);
  const errors = await Promise.all(clients.flatMap((client) => [client, client]).map((client) => rejection(client.refresh())));
  assert.deepEqual(new Set(errors.map(({ code }) => code)), new Set(["network"]));
  assert.equal(network.count("/refresh"), 4);
});

test("before it signs out a tab waits a little for news that may be on their way", async () => {
  const locks = { request: (_name, _options, callback) => callback({}) };
  const { browser, network, user } = await tabs(1, {}, { transport: "cookie", platform: { locks } });
  const { setTimeout, ...clock } = browser.clock.platform();
  const late = [];
  const { channel, hear } = ear();
  const wait = (callback, ms) => {
    if (ms < 1_000) late.splice(0).forEach(hear);
    return setTimeout(callback, ms);
  };
  const two = browser.tab({ transport: "cookie", platform: { ...clock, locks, channel, setTimeout: wait } });
  assert.deepEqual(await two.resume(), user);
  network.answers("/refresh", 400, { error: "invalid_grant" }, {}, 2);
  late.push({ kept: { ...session(user, two.status().sessionId), count: 99 } });
  assert.deepEqual(await two.refresh(), user);
  assert.ok(two.seen.every(({ event }) => event !== "signedout"));
});

test("news that come late bring back neither an older token nor an ended session", async () => {
  const browser = new Browser(service);
  withCookies(browser.network);
  const { channel, hear } = ear();
  const client = browser.tab({ transport: "cookie", platform: { channel } });
  const user = await client.register(somebody());
  await client.refresh();
  const kept = { ...session(user, client.status().sessionId), count: 1 };
  hear({ kept });
  await settle();
  assert.deepEqual(client.seen.map(({ event }) => event), ["signedin", "refreshed"]);
  hear({ kept: { ...kept, count: 99 } });
  await settle();
  assert.equal(client.seen.length, 3);
  await client.logout();
  hear({ kept: { ...kept, count: 100, access_token: "later" } });
  await settle();
  assert.equal(client.user, null);
});

/** A channel on which a test alone speaks. */
function ear() {
  const open = { postMessage: () => {}, close: () => {}, onmessage: (_event) => {} };
  return { channel: () => open, hear: (data) => open.onmessage({ data }) };
}

const session = (user, session_id) => ({
  user,
  session_id,
  access_token: "news",
  at: 0,
  expires_in: 60,
  refresh_after: 45,
  refresh_expires_in: 600,
});

test("a tab that is frozen while it refreshes holds up the others for as long as a request may take, and no longer", async () => {
  const { browser, clients: [client], network } = await tabs(1, {}, { key: "k" });
  const thaw = await browser.locks.freeze("k:refresh");
  const refreshing = client.refresh();
  await settle();
  assert.equal(network.count("/refresh"), 0);
  browser.clock.advance(15_000);
  await refreshing;
  assert.equal(network.count("/refresh"), 1);
  thaw();
});

test("a tab that is frozen while it writes holds up nobody who reads, and the others for a moment", async () => {
  const { browser, clients: [client], network, user } = await tabs(1, {}, { key: "k" });
  const thaw = await browser.locks.freeze("k:write");
  assert.deepEqual(await browser.tab({ key: "k" }).resume(), user);
  const began = browser.clock.now;
  await client.refresh();
  assert.equal(network.count("/refresh"), 1);
  assert.equal(browser.clock.now - began, 2_000, "once for the key, and once for the tokens");
  thaw();
});

test("a lease that a dead tab has left runs out, and one from a clock since turned back counts for nothing", async () => {
  for (const until of [5_000, 3_600_000]) {
    const clock = new Clock({ own: 300 });
    const { browser, clients: [client], network } = await tabs(1, { hasLocks: false, clock }, { key: "k" });
    const { monotonic, wall } = browser.clock.platform();
    browser.items.set("k:refresh", `somebody ${wall() + until}`);
    const began = monotonic();
    await client.refresh();
    const took = monotonic() - began;
    assert.ok(until === 5_000 ? took >= 5_000 : took < 1_000, `${took} ms`);
    assert.equal(network.count("/refresh"), 1);
    assert.equal(browser.items.has("k:refresh"), false);
  }
});

test("tabs whose tokens are in their memory alone are strangers", async () => {
  const browser = new Browser(service);
  const [one, two] = [browser.tab({ storage: "memory" }), browser.tab({ storage: "memory" })];
  const [ada, grace] = [await one.register(somebody()), await two.register(somebody())];
  await settle();
  assert.deepEqual([one.user, two.user], [ada, grace]);
  await one.logout();
  await settle();
  assert.deepEqual(two.user, grace);
  assert.equal((await two.fetch("/weather")).status, 200);
});

test("a closed client hears nothing any more", async () => {
  const { clients: [one, two], user } = await tabs(2);
  two.close();
  await one.logout();
  await settle();
  assert.deepEqual(two.user, user);
});
