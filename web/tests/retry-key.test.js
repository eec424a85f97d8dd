import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, lose, rejection, signedInAt, startService } from "./support.js";

let service;
before(async () => void (service = await startService()));
after(() => service.stop());

const signedIn = (...options) => signedInAt(service, ...options);

/** What the refreshes have brought, in order. */
const sent = ({ requests }) => requests.filter(({ path }) => path === "/refresh").map(({ body }) => JSON.parse(body));
/** What the service takes for a key. */
const KEY = /^[!-~]{22,128}$/;
const keys = (network) => sent(network).map(({ retry_key }) => retry_key);

test("a refresh brings a key that is stored beside its token, and the next refresh another", async () => {
  for (const storage of ["local", "memory"]) {
    const { browser, client, network } = await signedIn({ storage });
    assert.equal(browser.session?.retry_key, undefined, "a copy of the store has no key before it is needed");
    const held = network.holds("/refresh");
    const refreshing = client.refresh();
    const { retry_key, refresh_token } = await (await held.arrived).clone().json();
    assert.match(retry_key, KEY);
    if (storage === "local") {
      assert.deepEqual([browser.session.retry_key, browser.session.refresh_token], [retry_key, refresh_token]);
    }
    held.go();
    await refreshing;
    assert.equal(browser.session?.retry_key, undefined, "it does not survive the rotation");
    await client.refresh();
    assert.equal(new Set(keys(network)).size, 2);
    assert.equal(network.count("/refresh"), 2);
  }
});

const FAILURES = [
  ["no answer", (network, times) => network.fails("/refresh", times)],
  ["a lost answer", (network, times) => network.on("/refresh", lose, times)],
  ["a 503", (network, times) => network.answers("/refresh", 503, { error: "temporarily_unavailable" }, {}, times)],
  ["a 500 of a proxy", (network, times) => network.answers("/refresh", 500, "<html>", {}, times)],
  ["a 429", (network, times) => network.answers("/refresh", 429, { error: "too_many_requests" }, {}, times)],
  ["a page that is no answer", (network, times) => network.answers("/refresh", 200, "<html>", {}, times)],
];

for (const [name, fail] of FAILURES) {
  test(`a refresh is repeated with its key after ${name}, at once, later, and after a reload`, async () => {
    for (const storage of ["local", "memory"]) {
      const { browser, client, network, clock } = await signedIn({ storage });
      fail(network, 8);
      await rejection(client.refresh());
      clock.sleep(10 * 3_600_000);
      await rejection(client.refresh());
      const page = storage === "local" ? browser.tab({ storage }) : client;
      await page.refresh();
      assert.equal(network.count("/refresh"), 9);
      assert.equal(new Set(keys(network)).size, 1);
      assert.equal(new Set(sent(network).map(({ refresh_token }) => refresh_token)).size, 1);
      await page.refresh();
      assert.equal(new Set(keys(network)).size, 2);
    }
  });
}

test("a request that runs out of time is repeated with its key", async () => {
  const { client, network, clock } = await signedIn();
  const held = network.holds("/refresh");
  const refreshing = client.refresh();
  await held.arrived;
  clock.advance(15_000);
  await refreshing;
  assert.equal(network.count("/refresh"), 2);
  assert.match(keys(network)[0], KEY);
  assert.equal(new Set(keys(network)).size, 1);
});

test("a page that crashes between storing the key and sending it leaves the key to the next", async () => {
  const { browser, client, network } = await signedIn();
  const crash = network.holds("/refresh", () => new Promise(() => {}));
  client.refresh();
  await crash.arrived;
  const { retry_key } = browser.session;
  assert.match(retry_key, KEY);
  // Another browser process: what is left is the store alone.
  const next = new Browser(service);
  for (const [name, text] of browser.items) next.items.set(name, text);
  const page = next.tab();
  await page.refresh();
  assert.deepEqual(keys(next.network), [retry_key]);
});

test("where the key can't be stored, none is sent, and the next token has one again", async () => {
  const items = new Map();
  let failures = 0;
  const storage = {
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, value) => {
      if (failures-- > 0) throw new DOMException("full", "QuotaExceededError");
      items.set(name, value);
    },
    removeItem: (name) => items.delete(name),
  };
  const { client, network } = await signedIn({ storage, key: "k" });
  const before = items.get("k");
  failures = 1;
  network.on("/refresh", async (_request, send) => {
    assert.equal(items.get("k"), before, "the token is in the store as it was");
    return send();
  });
  await client.refresh();
  await client.refresh();
  const [first, second] = keys(network);
  assert.equal(first, undefined);
  assert.match(second, KEY);
});

test("without random numbers that nobody can guess no key is sent", async (t) => {
  const { client, network } = await signedIn();
  const own = Object.getOwnPropertyDescriptor(globalThis, "crypto");
  t.after(() => Object.defineProperty(globalThis, "crypto", own));
  Object.defineProperty(globalThis, "crypto", { value: undefined, configurable: true });
  await client.refresh();
  assert.deepEqual(keys(network), [undefined]);
});

test("a key survives neither the rotation nor a store that failed once to hold what came of it", async () => {
  for (const failing of ["getItem", "setItem", "removeItem"]) {
    for (const times of [1, 2, 3]) {
      const items = new Map();
      let failures = 0;
      const check = (call) => {
        if (call === failing && failures-- > 0) throw new Error("the connection is lost");
      };
      const storage = {
        getItem: (name) => (check("getItem"), items.get(name) ?? null),
        setItem: (name, value) => (check("setItem"), void items.set(name, value)),
        removeItem: (name) => (check("removeItem"), void items.delete(name)),
      };
      const { browser, client, network } = await signedIn({ storage, key: "k" });
      const held = network.holdsAnswer("/refresh");
      const refreshing = client.refresh();
      const { refresh_token } = await (await held.arrived).clone().json();
      failures = times;
      held.go();
      await refreshing;
      failures = 0;
      await client.refresh();
      await browser.tab({ storage, key: "k" }).refresh();
      const [first, second, third] = sent(network);
      assert.equal(second.refresh_token, refresh_token, `${failing} ${times}: the newest token`);
      assert.equal(new Set([first, second, third].map((body) => body.refresh_token)).size, 3);
      assert.notEqual(second.retry_key, first.retry_key);
      assert.notEqual(third.retry_key, second.retry_key);
    }
  }
});

test("a key that the service has seen used is replaced, once", async () => {
  const { browser, client, network } = await signedIn();
  const used = { error: "invalid_request", error_description: "retry_key was used for the token before: each needs a new one." };
  network.answers("/refresh", 400, used);
  await client.refresh();
  assert.equal(new Set(keys(network)).size, 2);
  // The service itself says so, of a store in which the key has outlived its token.
  const name = [...browser.items.keys()].find((item) => !item.endsWith(":devices"));
  browser.items.set(name, JSON.stringify({ ...browser.session, retry_key: keys(network).at(-1) }));
  await client.refresh();
  assert.equal(keys(network)[2], keys(network)[1]);
  assert.equal(new Set(keys(network)).size, 3);
  network.answers("/refresh", 400, used, {}, 100);
  assert.equal((await rejection(client.refresh())).code, "invalid_request");
  assert.ok(client.user, "the session goes on");
  assert.ok(network.count("/refresh") < 8);
});

test("the newest token that is refused is ended at the service before it is forgotten, and nobody waits for that", async () => {
  const { browser, client, network } = await signedIn();
  const { refresh_token } = browser.session;
  network.answers("/refresh", 400, { error: "invalid_grant" });
  const held = network.holds("/logout");
  assert.equal((await rejection(client.refresh())).code, "signed_out");
  assert.equal(client.user, null);
  assert.deepEqual(await (await held.arrived).clone().json(), { refresh_token });
  held.go();
});
