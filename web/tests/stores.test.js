import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, ORIGIN, rejection, settle, somebody, startService, withCookies } from "./support.js";

let service, cookieService;
before(async () => {
  [service, cookieService] = await Promise.all([startService(), startService({ ALLOWED_ORIGIN: ORIGIN })]);
});
after(() => Promise.all([service.stop(), cookieService.stop()]));

/** A store, which fails as often as it is told, and counts for one tab or for several. */
function store(items = new Map()) {
  const faults = { getItem: 0, setItem: 0, removeItem: 0 };
  const check = (call) => {
    if (faults[call]-- > 0) throw new Error("the connection is lost");
  };
  return {
    items,
    faults,
    copy: () => store(new Map(items)),
    getItem: (name) => (check("getItem"), items.get(name) ?? null),
    setItem: (name, value) => (check("setItem"), void items.set(name, value)),
    removeItem: (name) => (check("removeItem"), void items.delete(name)),
  };
}

const stored = ({ items }) => JSON.parse(items.get("k"));
const sent = ({ requests }) =>
  requests.filter(({ path }) => path === "/refresh").map(({ body }) => JSON.parse(body).refresh_token);

/** How tabs with a store of their own hear of each other. */
const WAYS = [
  ["channels", {}],
  ["storage events", { hasChannel: false }],
  ["storage events, and no Web Locks", { hasChannel: false, hasLocks: false, hasRealTime: true }],
];

for (const [name, features] of WAYS) {
  test(`a tab that was duplicated, session storage and all, goes on with the other's tokens: ${name}`, async () => {
    const browser = new Browser(service, features);
    const storage = store();
    const one = browser.tab({ storage, key: "k" });
    const user = await one.register(somebody());
    const copy = storage.copy();
    const two = browser.tab({ storage: copy, key: "k" });
    assert.deepEqual(await two.resume(), user);
    for (let times = 4; times > 0; times -= 1) {
      await one.refresh();
      await settle();
      await two.refresh();
      await settle();
    }
    assert.equal(new Set(sent(browser.network)).size, 8, "each with the newest token");
    assert.equal(stored(copy).refresh_token, stored(storage).refresh_token);
    assert.doesNotMatch([...browser.items.values()].join(), /refresh_token/, "no token stays in localStorage");
    await two.logout();
    await settle();
    assert.equal(one.user, null, "it was one session");
    assert.ok(one.seen.every(({ event, reason }) => event !== "signedout" || reason === "logout"));
  });

  test(`a tab that comes back with an old copy asks the others before it refreshes: ${name}`, async () => {
    const browser = new Browser(service, { ...features, hasRealTime: true });
    const storage = store();
    const one = browser.tab({ storage, key: "k" });
    const user = await one.register(somebody());
    const copy = storage.copy();
    for (let times = 4; times > 0; times -= 1) await one.refresh();
    const two = browser.tab({ storage: copy, key: "k" });
    assert.deepEqual(await two.refresh(), user);
    assert.deepEqual(stored(copy), stored(storage), "it has taken up what the other has");
    assert.equal(browser.network.count("/refresh"), 4);
  });

  test(`tabs with a session storage each keep the users that signed in there: ${name}`, async () => {
    const browser = new Browser(service, features);
    const [one, two, three] = [store(), store(), store()].map((storage) => browser.tab({ storage, key: "k" }));
    const [ada, grace] = [await one.register(somebody()), await two.register(somebody())];
    await settle();
    await one.refresh();
    await settle();
    assert.deepEqual([one.user, two.user, three.user], [ada, grace, null]);
    await one.logout();
    await settle();
    assert.deepEqual([one.user, two.user], [null, grace]);
  });
}

for (const call of ["getItem", "setItem"]) {
  for (const times of [1, 2, 3]) {
    test(`a store that fails ${times} times on ${call} leaves no old token behind, and is used again`, async () => {
      const browser = new Browser(service);
      const storage = store();
      const client = browser.tab({ storage, key: "k" });
      const user = await client.register(somebody());
      storage.faults[call] = times;
      for (let refreshes = 5; refreshes > 0; refreshes -= 1) await client.refresh();
      storage.faults[call] = 0;
      await client.resume();
      await settle();
      const next = browser.tab({ storage, key: "k" });
      assert.deepEqual(await next.resume(), user);
      await next.refresh();
      assert.equal(new Set(sent(browser.network)).size, 6, "each with the newest token");
      assert.ok([client, next].every(({ seen }) => seen.every(({ event }) => event !== "signedout")));
    });
  }
}

test("a store that fails at first is read when it works", async () => {
  const browser = new Browser(service);
  const storage = store();
  const user = await browser.tab({ storage, key: "k" }).register(somebody());
  storage.faults.getItem = 1;
  assert.equal((await browser.tab({ storage, key: "k" }).fetch("/weather")).status, 200, "it is asked twice");
  storage.faults.getItem = 4;
  const late = browser.tab({ storage, key: "k" });
  assert.equal(await late.resume(), null);
  storage.faults.getItem = 0;
  assert.deepEqual(await late.resume(), user);
});

test("a store that can't be written gives up the token that it holds", async () => {
  const storage = store();
  const client = new Browser(service).tab({ storage, key: "k" });
  await client.register(somebody());
  const old = stored(storage).refresh_token;
  storage.faults.setItem = 1_000;
  await client.refresh();
  assert.ok(!String(storage.items.get("k")).includes(old));
  storage.faults.setItem = 0;
  await client.resume();
  await settle();
  assert.notEqual(stored(storage).refresh_token, old, "and holds the newest again as soon as it can");
});

test("tokens that a store brings back after a crash of its own are not older than those that a tab knows", async () => {
  const browser = new Browser(service);
  const storage = store();
  const client = browser.tab({ storage, key: "k" });
  await client.register(somebody());
  const old = storage.items.get("k");
  await client.refresh();
  const newest = stored(storage).refresh_token;
  storage.items.set("k", old);
  await client.resume();
  await settle();
  assert.equal(stored(storage).refresh_token, newest);
  await client.logout();
  storage.items.set("k", old);
  assert.equal(await client.resume(), null);
  assert.equal((await rejection(client.refresh())).code, "signed_out");
});

test("the device token of a session in memory is there after a reload", async () => {
  const browser = new Browser(service);
  const person = somebody();
  await browser.tab({ storage: "memory" }).register(person);
  await browser.tab({ storage: "memory" }).login(person);
  assert.match(JSON.parse(browser.network.requests.at(-1).body).device_token, /^\S{20,}$/);
});

test("where there is no localStorage, a store of one's own keeps the device token too", async () => {
  for (const platform of [{ localStorage: () => null }, { jar: null }]) {
    const browser = new Browser(service);
    const storage = store();
    const person = somebody();
    await browser.tab({ storage, platform, key: "k" }).register(person);
    assert.equal(JSON.parse(storage.items.get("k:devices"))[0][0], person.email);
  }
});

test("however an address is spelt, its device token goes along", async () => {
  const { network, ...browser } = open();
  const tag = somebody().email.split("@")[0].slice(4);
  const spellings = [
    [`jose\u0301-${tag}@bücher.example`, `jos\u00e9-${tag}@xn--bcher-kva.example`],
    [`José-${tag}x@BÜCHER.example`, `josé-${tag}x@bücher.example`],
    [`Ada-${tag}@Example.COM`, `aDA-${tag}@example.com`],
  ];
  for (const [first, second] of spellings) {
    const person = { ...somebody(), email: first };
    await browser.tab().register(person);
    await browser.tab().login({ ...person, email: second });
    assert.match(JSON.parse(network.requests.at(-1).body).device_token ?? "none", /^\S{20,}$/, first);
  }
});

test("addresses that are two accounts have two device tokens", async () => {
  const { network, ...browser } = open();
  const person = somebody();
  await browser.tab().register({ ...person, email: `é${person.email}` });
  await rejection(browser.tab().login({ ...person, email: `É${person.email}` }));
  assert.equal(JSON.parse(network.requests.at(-1).body).device_token, undefined);
});

function open() {
  const browser = new Browser(service);
  return { network: browser.network, tab: () => browser.tab() };
}

test("a device store that is damaged counts for nothing, and is written anew", async () => {
  for (const text of ["[1]", "{}", "null", "7", '"text"', "[null]", "[[1,2]]", '[["a"]]', "{", '{"moved":true}']) {
    const browser = new Browser(service);
    browser.items.set("k:devices", text);
    const client = browser.tab({ key: "k" });
    const person = somebody();
    await client.register(person);
    await client.login(person);
    assert.match(JSON.parse(browser.network.requests.at(-1).body).device_token, /^\S{20,}$/, text);
  }
});

/** What damage makes of the text of a session. */
function damaged(session) {
  const members = [
    ...["refresh_token", "access_token", "session_id", "user", "at", "count", "expires_in"].flatMap((name) =>
      [undefined, null, {}, true].map((value) => ({ [name]: value })),
    ),
    { refresh_token: "" },
    { refresh_token: 7 },
    { access_token: 7 },
    { user: { ...session.user, id: 7 } },
    { retry_key: 7 },
    { expires_in: "60" },
    { refresh_after: null },
    { refresh_expires_in: [] },
  ];
  const texts = ["", "{", "7", '"text"', "[]", "[null]", "{}", "true", "undefined", JSON.stringify(session).slice(0, -9)];
  return [...texts, ...members.map((member) => JSON.stringify({ ...session, ...member }))];
}

test("a stored session that is damaged is none: it is dropped, and nothing is sent", async () => {
  const browser = new Browser(service);
  const person = somebody();
  await browser.tab({ key: "k" }).register(person);
  const session = browser.session;
  browser.close();
  for (const text of damaged(session)) {
    const after = new Browser(service);
    after.items.set("k", text);
    const client = after.tab({ key: "k" });
    assert.equal(await client.resume(), null, text);
    assert.equal((await rejection(client.fetch("/weather"))).code, "signed_out", text);
    assert.equal((await rejection(client.refresh())).code, "signed_out", text);
    await client.logout();
    await settle();
    assert.deepEqual([after.network.requests, after.items.get("k")], [[], "null"], text);
  }
  const own = { getItem: () => session, setItem: () => {}, removeItem: () => {} };
  assert.equal(await new Browser(service).tab({ storage: own }).resume(), null, "no text");
});

test("a session that is damaged while it is used is over in all tabs, and the next one is stored in its place", async () => {
  const browser = new Browser(service);
  const person = somebody();
  const [one, two] = [browser.tab({ key: "k" }), browser.tab({ key: "k" })];
  const user = await one.register(person);
  await settle();
  browser.items.set("k", JSON.stringify({ ...browser.session, refresh_token: 7 }));
  assert.equal(await one.resume(), null);
  await settle();
  for (const { seen } of [one, two]) assert.equal(seen.at(-1).reason, "cleared");
  assert.deepEqual(await two.login(person), user);
  await settle();
  assert.deepEqual([one.user, stored(browser).session_id], [user, two.status().sessionId]);
});

test("with the cookie transport a stored session that is damaged is asked for anew", async () => {
  const browser = new Browser(cookieService);
  withCookies(browser.network);
  const options = { key: "k", transport: "cookie" };
  const user = await browser.tab({ ...options, storage: "local" }).register(somebody());
  const session = browser.session;
  for (const text of ["{", JSON.stringify({ ...session, user: 7 }), JSON.stringify({ ...session, refresh_token: "of a body" })]) {
    browser.items.set("k", text);
    const client = browser.tab({ ...options, storage: "local" });
    assert.deepEqual(await client.resume(), user);
    await client.refresh();
    assert.ok(browser.network.requests.every(({ body }) => !body.includes("refresh_token")));
  }
});

test("an address with and without a slash at its end is one store", async () => {
  const browser = new Browser(service);
  for (const path of ["", "/stage"]) {
    const tab = (end) => browser.tab({ baseUrl: service.url + path + end });
    browser.network.answers(`${path}/register`, 201, ANSWER);
    const user = await tab("").register(somebody());
    assert.deepEqual(await tab("/").resume(), user);
    browser.items.clear();
  }
});

const ANSWER = {
  access_token: "a",
  refresh_token: "r",
  session_id: "s",
  user: { id: "u", name: "", email: "", roles: [] },
  expires_in: 60,
  refresh_after: 45,
  refresh_expires_in: 600,
};

test("the time that a session lives is over when it is over for the service, and not before", async () => {
  const browser = new Browser(service);
  const client = browser.tab();
  browser.network.on("/register", async () => {
    browser.clock.advance(2_000);
    return Response.json(ANSWER);
  });
  await client.register(somebody());
  // The answer arrived after two seconds, and its 600 may be 600.999.
  browser.clock.advance(600_999);
  assert.ok(client.status().refreshTokenExpiresIn > 0);
  browser.clock.advance(1_000);
  assert.equal(client.status().refreshTokenExpiresIn, 0);
});
