import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, rejection, signedInAt, somebody, startService, withCookies } from "./support.js";

let service;
before(async () => void (service = await startService()));
after(() => service.stop());

const signedIn = (...options) => signedInAt(service, ...options);

/** What an HTTP library may make of an answer. */
const answer = (status, error, headers = {}) => ({ status, error, headers: new Headers(headers) });
const REFUSAL = answer(401, undefined, { "is-token-expired": "true" });

test("whoever sends a request otherwise gets the token, refreshed when it is due", async () => {
  const { client, network, clock } = await signedIn();
  const { accessToken } = await client.authorize(`${service.url}/weather`);
  const response = await fetch(`${service.url}/weather`, { headers: { authorization: `Bearer ${accessToken}` } });
  assert.equal(response.status, 200);
  assert.equal(network.count("/refresh"), 0);
  clock.advance(60_000);
  assert.notEqual((await client.authorize(`${service.url}/weather`)).accessToken, accessToken);
  assert.equal(network.count("/refresh"), 1);
});

test("after an answer that refuses the token there is another one, once", async () => {
  const refusals = [
    REFUSAL,
    answer(401, undefined, { "www-authenticate": 'Bearer error="invalid_token"' }),
    answer(401, { error: "invalid_token" }),
    Response.json({ error: "invalid_token" }, { status: 401 }),
  ];
  for (const refusal of refusals) {
    const { client, network } = await signedIn();
    const first = await client.authorize(service.url);
    const second = await first.renew(refusal);
    assert.notEqual(second.accessToken, first.accessToken);
    assert.equal(await second.renew(refusal), null);
    assert.equal(network.count("/refresh"), 1);
  }
});

test("requests that are refused at the same time share one refresh", async () => {
  const { client, network } = await signedIn();
  const first = await Promise.all(Array.from({ length: 10 }, () => client.authorize(service.url)));
  const second = await Promise.all(first.map((authorization) => authorization.renew(REFUSAL)));
  assert.equal(new Set(second.map(({ accessToken }) => accessToken)).size, 1);
  assert.equal(network.count("/refresh"), 1);
});

test("an answer that is not about the token stands", async () => {
  const { client, network } = await signedIn();
  const first = await client.authorize(service.url);
  for (const other of [answer(200), answer(401, { error: "invalid_credentials" }), answer(401, "text"), answer(403), answer(0)]) {
    assert.equal(await first.renew(other), null);
  }
  assert.equal(network.count("/refresh"), 0);
});

test("a token that was refused twice is not refreshed for every request", async () => {
  const { client, network } = await signedIn();
  const refusal = answer(401, undefined, { "is-token-expired": "false" });
  for (let times = 3; times > 0; times -= 1) {
    const second = await (await client.authorize(service.url)).renew(refusal);
    await second?.renew(refusal);
  }
  assert.equal(network.count("/refresh"), 1);
});

test("there is no token for other origins, and a relative address is the page's", async () => {
  const { client, network } = await signedIn({ origins: ["https://api.example.com"] });
  const others = ["https://evil.example", `${service.url}.evil.example`, "//evil.example/x", "data:,x", "/weather", "", "http://["];
  for (const address of others) assert.equal(await client.authorize(address), null, address);
  assert.ok(await client.authorize(new URL("https://api.example.com/x")));
  const page = { baseURI: `${service.url}/page/` };
  globalThis.document = page;
  try {
    for (const address of ["/weather", "weather", "", "?x"]) assert.ok(await client.authorize(address), address);
    assert.equal(await client.authorize("//evil.example/x"), null);
    page.baseURI = "https://evil.example/";
    assert.equal(await client.authorize("/weather"), null);
  } finally {
    delete globalThis.document;
  }
  assert.equal(network.count("/refresh"), 0);
});

test("when nobody is signed in there is no token, and no error", async () => {
  const browser = new Browser(service);
  withCookies(browser.network);
  assert.equal(await browser.tab().authorize(service.url), null);
  const client = browser.tab({ transport: "cookie", storage: "memory", deviceStorage: "memory" });
  assert.equal(await client.authorize(service.url), null, "and no cookie");
  assert.equal(await client.authorize(service.url), null);
  assert.ok(browser.network.count("/refresh") <= 2, "which is not asked again for every request");
});

test("a session that ends while it is refreshed leaves the answer as it is", async () => {
  const { client, network } = await signedIn();
  const first = await client.authorize(service.url);
  network.answers("/refresh", 400, { error: "invalid_grant" });
  assert.equal(await first.renew(REFUSAL), null);
  assert.equal(client.seen.at(-1).reason, "refused");
  assert.equal(await client.authorize(service.url), null);
});

test("a refresh that fails otherwise is an error, and the session stays", async () => {
  const { client, network } = await signedIn();
  const first = await client.authorize(service.url);
  network.fails("/refresh", 4).answers("/refresh", 503, {}, {}, 4);
  assert.equal((await rejection(first.renew(REFUSAL))).code, "network");
  assert.equal((await rejection(first.renew(REFUSAL))).code, "temporarily_unavailable");
  assert.ok(client.user);
  assert.ok(await first.renew(REFUSAL));
});

test("a request is not repeated in the name of somebody else", async () => {
  const { client } = await signedIn();
  const first = await client.authorize(service.url);
  await client.register(somebody());
  assert.equal((await rejection(first.renew(REFUSAL))).code, "user_changed");
});
