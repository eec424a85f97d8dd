import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, lose, rejection, settle, signedInAt, somebody, startService } from "./support.js";

let service;
before(async () => void (service = await startService()));
after(() => service.stop());

/** Locks that hold nobody up, as when a tab was frozen with one for too long. */
const locks = { request: (_name, _options, callback) => callback({}) };

/** What the refreshes have brought, in order. */
const sent = ({ requests }) => requests.filter(({ path }) => path === "/refresh").map(({ body }) => JSON.parse(body));
const keys = (network) => sent(network).map(({ retry_key }) => retry_key);

const signedIn = (...options) => signedInAt(service, ...options);

test("tabs that share a store bring one key, though one of them is frozen", async () => {
  for (const frozen of ["k:refresh", "k:write"]) {
    const { browser, network, clock } = await signedIn({ key: "k" });
    const [one, two] = [browser.tab({ key: "k" }), browser.tab({ key: "k" })];
    await Promise.all([one.resume(), two.resume()]);
    network.on("/refresh", lose, 4);
    await rejection(one.refresh());
    await settle();
    const thaw = await browser.locks.freeze(frozen);
    const refreshing = two.refresh();
    await settle();
    // Nobody waits longer for a refresh than it may take; for a tab that writes they wait a moment, which passes by itself.
    if (frozen === "k:refresh") clock.advance(15_000);
    await refreshing;
    thaw();
    assert.equal(network.count("/refresh"), 5);
    assert.equal(new Set(keys(network)).size, 1, frozen);
    await two.refresh();
    assert.equal(new Set(keys(network)).size, 2);
  }
});

test("the first key that is stored for a token stays: a tab that was frozen with the lock reads the store again", async () => {
  const items = new Map();
  let freeze;
  const storage = {
    getItem: async (name) => {
      const text = items.get(name) ?? null;
      await freeze?.();
      return text;
    },
    setItem: async (name, value) => void items.set(name, value),
    removeItem: async (name) => void items.delete(name),
  };
  const browser = new Browser(service, { locks });
  const { network, clock } = browser;
  const options = { storage, key: "k", platform: { channel: () => null } };
  const [one, two] = [browser.tab(options), browser.tab(options)];
  await one.register(somebody());
  await two.resume();
  network.on("/refresh", lose, 8);
  // The first tab has read that there is no key, and is frozen until the other has stored and sent one.
  let reads = 0;
  freeze = async () => {
    reads += 1;
    if (reads !== 2) return;
    freeze = undefined;
    await rejection(two.refresh());
    clock.sleep(60_000);
    clock.advance(60_000);
  };
  await rejection(one.refresh());
  assert.equal(network.count("/refresh"), 8);
  assert.equal(new Set(keys(network)).size, 1);
});

test("an answer that a tab was frozen with takes no newer token's place", async () => {
  const { browser, client: one, network } = await signedIn({ platform: { locks, channel: () => null } }, { hasStorageEvents: false });
  const two = browser.tab({ platform: { locks, channel: () => null } });
  await two.resume();
  const held = network.holdsAnswer("/refresh");
  const refreshing = one.refresh();
  await held.arrived;
  await two.refresh();
  await two.refresh();
  const newest = browser.session.refresh_token;
  held.go();
  await refreshing;
  assert.equal(browser.session.refresh_token, newest);
  await one.refresh();
  assert.equal(sent(network).at(-1).refresh_token, newest);
});

test("a refused token that is not the newest is not ended: the store has another", async () => {
  const { browser, client, network, user } = await signedIn({ key: "k" }, { hasStorageEvents: false, hasChannel: false });
  const refused = async () => {
    // Another tab, which waited for no lock.
      await browser.tab({ key: "k", platform: { locks } }).refresh();
    return Response.json({ error: "invalid_grant" }, { status: 400 });
  };
  network.on("/refresh", refused);
  assert.deepEqual(await client.refresh(), user);
  assert.equal(network.count("/logout"), 0);
});
