import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, promise, rejection, settle, somebody, startService } from "./support.js";

let service;
before(async () => void (service = await startService()));
after(() => service.stop());

test("a store of one's own may take its time", async () => {
  const items = new Map();
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const storage = {
    getItem: async (name) => (await turn(), items.get(name)),
    setItem: async (name, value) => (await turn(), void items.set(name, value)),
    removeItem: async (name) => (await turn(), void items.delete(name)),
  };
  const browser = new Browser(service);
  const [one, two] = [browser.tab({ storage }), browser.tab({ storage })];
  const user = await one.register(somebody());
  assert.deepEqual(await two.resume(), user);
  const [first, second] = await Promise.all([one.refresh(), two.refresh()]);
  assert.deepEqual([first, second], [user, user]);
  assert.equal(browser.network.count("/refresh"), 1);
  await two.logout();
  await settle();
  assert.equal(one.user, null);
});

test("what a slow store was asked first does not undo what came after", async () => {
  const items = new Map();
  const slow = promise();
  let isSlow = false;
  const storage = {
    getItem: async (name) => {
      const text = items.get(name) ?? null;
      if (isSlow) {
        isSlow = false;
        await slow;
      }
      return text;
    },
    setItem: (name, value) => void items.set(name, value),
    removeItem: (name) => void items.delete(name),
  };
  const client = new Browser(service).tab({ storage });
  await client.register(somebody());
  isSlow = true;
  const reading = client.resume();
  const refreshing = client.refresh();
  for (let turns = 50; turns > 0; turns -= 1) await settle();
  slow.resolve();
  await Promise.all([reading, refreshing]);
  assert.deepEqual(client.seen.map(({ event }) => event), ["signedin", "refreshed"]);
});

test("where nothing can be stored, the session lives in memory, and tabs share it", async () => {
  const refuse = () => {
    throw new Error("not in private windows");
  };
  const broken = { getItem: refuse, setItem: refuse, removeItem: refuse };
  const cases = [
    { storage: "local", platform: { localStorage: refuse } },
    { storage: "local", platform: { localStorage: () => null } },
    { storage: "local", platform: { localStorage: () => broken } },
    { storage: broken },
    { storage: { ...broken, getItem: () => Promise.reject(new Error("the disk is gone")) } },
  ];
  for (const options of cases) {
    const browser = new Browser(service);
    const [one, two] = [browser.tab(options), browser.tab(options)];
    const user = await one.register(somebody());
    await settle();
    assert.deepEqual(two.user, user);
    await two.refresh();
    await settle();
    assert.equal((await one.fetch("/weather")).status, 200);
    await one.logout();
    await settle();
    assert.equal(two.user, null);
    assert.deepEqual(two.seen.map(({ event }) => event), ["signedin", "refreshed", "signedout"]);
  }
});

test("when the store is full, no old token stays in it and nobody is signed out", async () => {
  const browser = new Browser(service);
  let isFull = false;
  const items = new Map();
  const storage = {
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, value) => {
      if (isFull && value.length > 100) throw new DOMException("full", "QuotaExceededError");
      items.set(name, value);
    },
    removeItem: (name) => items.delete(name),
  };
  const [one, two] = [browser.tab({ storage, key: "k" }), browser.tab({ storage, key: "k" })];
  const user = await one.register(somebody());
  await settle();
  const old = JSON.parse(items.get("k")).refresh_token;
  isFull = true;
  await one.refresh();
  assert.ok(!items.get("k").includes(old));
  await settle();
  assert.deepEqual([one.user, two.user], [user, user]);
  await two.refresh();
  await settle();
  await one.refresh();
  assert.equal(browser.network.count("/refresh"), 3);
  const sent = browser.network.requests.filter(({ path }) => path === "/refresh").map(({ body }) => body);
  assert.equal(new Set(sent).size, 3, "each with the newest token");
  for (const { seen } of [one, two]) assert.ok(seen.every(({ event }) => event !== "signedout"));
});

test("a store that fails after it has worked loses no session", async () => {
  const items = new Map();
  let isBroken = false;
  const check = () => {
    if (isBroken) throw new Error("the disk is gone");
  };
  const storage = {
    getItem: (name) => (check(), items.get(name) ?? null),
    setItem: (name, value) => (check(), void items.set(name, value)),
    removeItem: (name) => (check(), void items.delete(name)),
  };
  const browser = new Browser(service);
  const user = await browser.tab({ storage }).register(somebody());
  const client = browser.tab({ storage });
  assert.deepEqual(await client.resume(), user);
  isBroken = true;
  assert.deepEqual(await client.resume(), user);
  await client.refresh();
  assert.equal((await client.fetch("/weather")).status, 200);
  assert.deepEqual(client.user, user);
});

test("site data that is deleted signs out, and says so", async () => {
  const browser = new Browser(service);
  const client = browser.tab();
  const user = await client.register(somebody());
  const told = promise();
  client.on("signedout", told.resolve);
  browser.clear();
  assert.deepEqual(await told, { user, reason: "cleared", elsewhere: true });
  assert.equal((await rejection(client.fetch("/weather"))).code, "signed_out");
});

test("a page that comes back looks at what has changed", async () => {
  for (const type of ["pageshow", "visibilitychange", "focus"]) {
    const browser = new Browser(service, { hasChannel: false });
    const events = new EventTarget();
    const two = browser.tab({ platform: { events } });
    const user = await browser.tab().register(somebody());
    await settle();
    assert.equal(two.user, null, "the tab slept");
    const told = promise();
    two.on("signedin", told.resolve);
    events.dispatchEvent(new Event(type));
    assert.deepEqual(await told, { user, elsewhere: true });
  }
});
