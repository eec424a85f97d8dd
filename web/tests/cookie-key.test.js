import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, ORIGIN, promise, rejection, settle, somebody, startService, withCookies } from "./support.js";

let service;
before(async () => void (service = await startService({ ALLOWED_ORIGIN: ORIGIN })));
after(() => service.stop());

/** A browser in which somebody has registered, with the refresh token in a cookie. */
async function signedIn(options) {
  const browser = new Browser(service);
  withCookies(browser.network);
  const open = (more) => browser.tab({ transport: "cookie", storage: "memory", ...options, ...more });
  const client = open();
  const user = await client.register(somebody());
  return { browser, client, user, open, network: browser.network, clock: browser.clock };
}

const keys = ({ requests }) =>
  requests.filter(({ path }) => path === "/refresh").map(({ body }) => JSON.parse(body).retry_key);

/** Loses the answer, its cookie included. */
const losesAnswers = (network, times) => {
  network.on(
    "/refresh",
    async (request, send) => {
      const cookie = network.cookie();
      await network.through(request, send);
      network.setCookie(cookie);
      throw new TypeError("fetch failed");
    },
    times,
  );
};

test("a refresh by cookie is repeated with its key, after a reload and a restart of the browser too", async () => {
  for (const storage of ["memory", "local"]) {
    const { browser, client, open, network, clock } = await signedIn({ storage });
    losesAnswers(network, 4);
    await rejection(client.refresh());
    browser.close();
    clock.sleep(10 * 3_600_000);
    await open().refresh();
    assert.equal(network.count("/refresh"), 5);
    assert.equal(new Set(keys(network)).size, 1);
    assert.match(keys(network)[0], /^\w{22,128}$/);
  }
});

test("each cookie has a key of its own, and a new page knows which one is spent", async () => {
  for (const storage of ["memory", "local"]) {
    const { client, open, network } = await signedIn({ storage });
    await client.refresh();
    await client.refresh();
    await open().refresh();
    assert.equal(network.count("/refresh"), 3);
    assert.equal(new Set(keys(network)).size, 3);
  }
});

test("the tabs of a browser bring one key for one cookie", async () => {
  const { client, open, network } = await signedIn();
  losesAnswers(network, 4);
  await rejection(client.refresh());
  await settle();
  await open().refresh();
  assert.equal(new Set(keys(network)).size, 1);
  await settle();
  await client.refresh();
  assert.equal(new Set(keys(network)).size, 2);
});

test("a crash that brings the cookie of before back brings its key back", async () => {
  const { browser, client, open, network } = await signedIn();
  await client.refresh();
  const [cookie, jar] = [network.cookie(), browser.jar.copy()];
  await client.refresh();
  // What the browser had not written to the disk yet is lost, both cookies together.
  network.setCookie(cookie);
  browser.jar = jar;
  browser.close();
  await open().refresh();
  const [, second, third] = keys(network);
  assert.match(second, /^\d{32,96}$/);
  assert.equal(third, second);
});

test("a page that crashes before it notes that the key is spent hears so, and takes another", async () => {
  const { client, open, browser, network } = await signedIn();
  const jar = browser.jar.copy();
  await client.refresh();
  browser.jar = jar;
  browser.close();
  const page = open();
  await page.refresh();
  const [first, second, third] = keys(network);
  assert.equal(second, first);
  assert.notEqual(third, first);
  await page.refresh();
  assert.equal(network.count("/refresh"), 4);
});

test("a page that may not set cookies knows by itself what is spent", async () => {
  const jar = {
    get cookie() {
      return "";
    },
    set cookie(_text) {},
  };
  for (const platform of [{ jar }, { jar: null }]) {
    const { client, network } = await signedIn({ platform });
    await client.refresh();
    await client.refresh();
    assert.equal(new Set(keys(network)).size, 2);
  }
});

test("where the key can't be kept as durably as the cookie, none is sent", async () => {
  const refuse = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  const full = { getItem: () => null, setItem: refuse, removeItem: () => {} };
  const forgetful = { ...full, setItem: () => {} };
  for (const localStorage of [() => null, refuse, () => full, () => forgetful]) {
    const { client, network } = await signedIn({ platform: { localStorage } });
    await client.refresh();
    assert.deepEqual(keys(network), [undefined]);
  }
});

test("what somebody else has stored in its place is no key", async () => {
  for (const text of ["", '""', "short", '"a b c d e f g h i j k l m n"', `"${"x".repeat(129)}"`]) {
    const { browser, client, network } = await signedIn({ key: "k" });
    browser.items.set("k:retry", text);
    await client.refresh();
    assert.match(keys(network)[0], /^\d{32,96}$/);
  }
});

test("a sign-in brings a cookie with a key of its own", async () => {
  for (const again of ["register", "changePassword"]) {
    const { client, network } = await signedIn();
    const person = somebody();
    await client.register(person);
    losesAnswers(network, 4);
    await rejection(client.refresh());
    if (again === "register") await client.register(somebody());
    else await client.changePassword({ currentPassword: person.password, newPassword: `${person.password}!` });
    await client.refresh();
    assert.equal(new Set(keys(network)).size, 2);
  }
});

test("a frozen tab that has got the cookie already holds up no key for the next", async () => {
  const locks = { request: (_name, _options, callback) => callback({}) };
  const { client, open, network } = await signedIn({ platform: { locks } });
  const [arrived, thawed] = [promise(), promise()];
  network.on("/refresh", async (request, send) => {
    const response = await network.through(request, send);
    arrived.resolve();
    await thawed;
    return response;
  });
  const frozen = client.refresh();
  await arrived;
  const other = open({ platform: { locks } });
  await other.refresh();
  thawed.resolve();
  await frozen;
  const [first, second, third] = keys(network);
  assert.equal(second, first);
  assert.notEqual(third, first);
  await other.refresh();
  assert.equal(new Set(keys(network)).size, 3, "the frozen tab has taken none away");
});

test("a refused cookie is ended at the service before anybody signs in again", async () => {
  const { client, network } = await signedIn();
  network.answers("/refresh", 400, { error: "invalid_grant" }, {}, 2);
  const held = network.holds("/logout");
  const refreshing = rejection(client.refresh());
  await held.arrived;
  await settle();
  assert.equal(client.user, null, "the page knows already");
  const signingIn = client.register(somebody());
  await settle();
  assert.equal(network.count("/register"), 1);
  held.go();
  assert.equal((await refreshing).code, "signed_out");
  const next = await signingIn;
  assert.deepEqual(await client.refresh(), next, "its cookie is there");
});

test("a browser that never had a cookie ends nothing", async () => {
  const browser = new Browser(service);
  withCookies(browser.network);
  assert.equal(await browser.tab({ transport: "cookie" }).resume(), null);
  assert.equal(browser.network.count("/logout"), 0);
});

