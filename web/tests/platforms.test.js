import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { runInNewContext } from "node:vm";
import { createClient } from "../dist/index.js";
import { rejection, settle, signedInAt, somebody, startService } from "./support.js";

let service;
before(async () => void (service = await startService()));
after(() => service.stop());

const signedIn = (...options) => signedInAt(service, ...options);

/** Changes a property of an object for one test. */
function change(t, object, name, value) {
  const own = Object.getOwnPropertyDescriptor(object, name);
  t.after(() => (own ? Object.defineProperty(object, name, own) : delete object[name]));
  if (value === undefined) delete object[name];
  else Object.defineProperty(object, name, { value, configurable: true, writable: true });
}

test("where signals can't throw and don't say why they aborted, as in React Native, all works", async (t) => {
  change(t, AbortSignal.prototype, "throwIfAborted", undefined);
  change(t, AbortSignal.prototype, "reason", undefined);
  const { client, network } = await signedIn();
  await client.refresh();
  network.fails("/refresh", 4);
  assert.equal((await rejection(client.refresh())).code, "network");
  const stop = new AbortController();
  const held = network.holds("/weather");
  const request = rejection(client.fetch("/weather", { signal: stop.signal }));
  await held.arrived;
  stop.abort();
  assert.equal((await request)?.name, "AbortError");
  assert.equal((await rejection(client.fetch("/weather", { signal: stop.signal })))?.name, "AbortError");
  await client.logout();
  assert.equal(client.user, null);
});

test("where the parts of a form can't be listed, as in React Native, a form is sent, and sent again", async (t) => {
  class Form {
    parts = [];
    append(...part) {
      this.parts.push(part);
    }
  }
  change(t, globalThis, "FormData", Form);
  const sent = [];
  const own = async (input, init) => {
    if (!(init?.body instanceof Form)) return fetch(input, init);
    sent.push(init.body.parts);
    return new Response(null, sent.length > 1 ? {} : { status: 401, headers: { "is-token-expired": "true" } });
  };
  const { client } = await signedIn({ fetch: own });
  const body = new Form();
  body.append("photo", { uri: "file:///photo.jpg" });
  assert.equal((await client.fetch("/photos", { method: "POST", body })).status, 200);
  assert.deepEqual(sent, [body.parts, body.parts]);
});

test("a dead network is known as such, whichever realm and runtime its error is of", async () => {
  const errors = [
    new TypeError("fetch failed"),
    runInNewContext('new TypeError("fetch failed")'),
    new DOMException("Fetch failed", "NetworkError"),
    Object.assign(new Error("Unable to connect"), { code: "ConnectionRefused" }),
  ];
  for (const error of errors) {
    const { client, network } = await signedIn();
    network.on("/weather", () => Promise.reject(error)).on("/refresh", () => Promise.reject(error), 4);
    for (const failing of [client.fetch("/weather"), client.refresh()]) {
      const { name, code, cause } = await rejection(failing);
      assert.deepEqual([name, code, cause], ["RatchetError", "network", error]);
    }
    assert.ok(client.user);
  }
});

test("a mistake of the caller is no failure of the network, and sends nothing", async () => {
  const { client, network } = await signedIn();
  const before = network.requests.length;
  const circle = {};
  circle.self = circle;
  const mistakes = {
    "a body where none can be": () => client.fetch("/weather", { body: "x" }),
    "a method that is none": () => client.fetch("/weather", { method: "GE T" }),
    "a header that is none": () => client.fetch("/weather", { headers: { "a b": "c" } }),
    "an address that is none": () => client.fetch("https://[", {}),
    "no credentials": () => client.login(),
    "no account": () => client.register(),
    "no passwords": () => client.changePassword(),
    "an id that is no text": () => client.sessions.end(Symbol("x")),
    "an id of no session": () => client.sessions.end("\ud800"),
    "an id that is another path": () => client.sessions.end("."),
    "an empty id": () => client.sessions.end(""),
    "an account that is no JSON": () => client.register({ email: circle, password: 1n, name: "" }),
  };
  for (const [name, mistake] of Object.entries(mistakes)) {
    const error = await rejection(mistake());
    assert.deepEqual([error.name, error.code], ["RatchetError", "invalid_argument"], name);
    assert.ok(error.cause instanceof Error && error.message, name);
  }
  assert.equal(network.requests.length, before);
  for (const event of ["foo", "constructor"]) {
    assert.throws(() => client.on(event, () => {}), { code: "invalid_argument" });
  }
  assert.throws(() => client.on("signedin"), { code: "invalid_argument" });
  for (const credentials of [{}, { email: 7, password: null }]) {
    assert.equal((await rejection(client.login(credentials))).code, "invalid_request", "the service says what is missing");
  }
  const { renew } = await client.authorize(`${service.url}/weather`);
  assert.equal((await rejection(renew(undefined))).code, "invalid_argument");
  assert.ok(client.user);
});

test("an answer that breaks off is a failure of the network", async () => {
  const { client, network } = await signedIn();
  const broken = () => new ReadableStream({ start: (stream) => stream.error(new TypeError("terminated")) });
  network.on("/sessions", async () => new Response(broken()));
  const error = await rejection(client.sessions.list());
  assert.deepEqual([error.name, error.code], ["RatchetError", "network"]);
});

test("a platform without fetch is told so", (t) => {
  change(t, globalThis, "fetch", undefined);
  const create = (options) => createClient({ baseUrl: "https://auth.example.com", ...options });
  assert.throws(() => create(), { code: "misconfigured", message: /^createClient: fetch is missing/ });
  create({ fetch: async () => new Response() }).close();
});

test("in Deno no channel is opened, since the process would not end", (t) => {
  const opened = [];
  change(t, globalThis, "BroadcastChannel", class {
    constructor(name) {
      opened.push(name);
    }
    close() {}
    postMessage() {}
  });
  const create = () => createClient({ baseUrl: "https://auth.example.com", storage: memory() });
  create().close();
  assert.equal(opened.length, 1);
  change(t, globalThis, "Deno", {});
  create().close();
  assert.equal(opened.length, 1);
});

const memory = () => ({ getItem: () => null, setItem: () => {}, removeItem: () => {} });

test("where a channel can't be opened, as in Firefox where a site may store nothing, tabs do without", async (t) => {
  change(t, globalThis, "BroadcastChannel", class {
    constructor() {
      throw new DOMException("The operation is insecure.", "SecurityError");
    }
  });
  for (const transport of ["body", "cookie"]) {
    createClient({ baseUrl: "https://auth.example.com", storage: memory(), transport }).close();
  }
});

test("a time that no timer can wait for is as long as one can", async () => {
  for (const timeoutMs of [2 ** 31, 1e12, Infinity]) {
    const { client } = await signedIn({ timeoutMs }, { hasRealTime: true });
    assert.ok((await client.refresh()).id, String(timeoutMs));
  }
});

test("the answers of HTTP libraries are read as they are", async () => {
  const challenge = 'Bearer error="invalid_token"';
  const answers = [
    { status: 401, headers: { "www-authenticate": challenge } },
    { status: 401, headers: new Map([["www-authenticate", challenge]]) },
    { status: 401, headers: { "is-token-expired": "true" }, data: {} },
    { status: 401, headers: {}, data: { error: "invalid_token" } },
    { status: 401, headers: new Headers(), error: { error: "invalid_token" } },
  ];
  for (const answer of answers) {
    const { client } = await signedIn();
    const first = await client.authorize(`${service.url}/weather`);
    assert.notEqual((await first.renew(answer)).accessToken, first.accessToken);
  }
  const { client } = await signedIn();
  const first = await client.authorize(`${service.url}/weather`);
  for (const answer of [{ status: 401, headers: {} }, { status: 401, headers: { "www-authenticate": "Basic" } }]) {
    assert.equal(await first.renew(answer), null);
  }
});

test("options that are wrong, or misspelt, are refused by their name", () => {
  const check = (options, problem) => {
    const create = () => createClient(options && { baseUrl: "https://auth.example.com", ...options });
    assert.throws(create, (error) => error.code === "misconfigured" && error.message === `createClient: ${problem}`);
  };
  check(undefined, "baseUrl must be a URL");
  check({ baseURL: "https://auth.example.com" }, "options must not have baseURL");
  check({ retry: { retries: 3 } }, "retry must not have retries");
  check({ baseUrl: undefined }, "baseUrl must be a URL");
  check({ baseUrl: "" }, "baseUrl must be a URL");
  check({ origins: "https://api.example.com" }, "origins must be a list");
  for (const option of ["storage", "deviceStorage"]) {
    for (const store of [null, {}, [], new Map(), "x", 1]) check({ [option]: store }, `${option} must be memory, local or an object with getItem, setItem and removeItem`);
  }
  for (const retry of [null, "x", 3]) check({ retry }, "retry must be an object");
  for (const value of [NaN, -1, "15", null, {}]) {
    check({ timeoutMs: value }, "timeoutMs must be a number");
    check({ retry: { budgetMs: value } }, "budgetMs must be a number");
  }
  check({ fetch: "x" }, "fetch must be a function");
  for (const key of [null, 1, Symbol("x")]) check({ key }, "key must be a string");
  check({ sendAccessToken: "yes" }, "sendAccessToken must be a boolean");
  for (const tail of ["?", "#", "?x=1"]) {
    check({ baseUrl: `https://auth.example.com${tail}` }, "baseUrl must have no credentials, query or fragment");
  }
});

test("a pause that a proxy asks for is kept to for minutes, not for a day", async () => {
  const { client, network, clock } = await signedIn();
  network.answers("/refresh", 503, "", { "retry-after": "86400" });
  assert.equal((await rejection(client.refresh())).retryAfter, 86_400, "what was asked for is said");
  clock.advance(300_000);
  await client.refresh();
  assert.equal(network.count("/refresh"), 2);
});

test("it is kept to for minutes however long an app lets a refresh take", async () => {
  const { client, network, clock } = await signedIn({ retry: { budgetMs: 1e12 } });
  network.answers("/refresh", 503, "", { "retry-after": "86400" });
  const refreshing = client.refresh();
  while (network.count("/refresh") === 0) await settle();
  await settle();
  clock.advance(299_000);
  await settle();
  assert.equal(network.count("/refresh"), 1);
  clock.advance(2_000);
  await settle();
  assert.equal(network.count("/refresh"), 2);
  await refreshing;
});

test("how long to wait is read from the body where no header says it to scripts", async () => {
  const { client, network } = await signedIn();
  for (const [retry_after, expected] of [[60, 60], ["60", 60], [-1, undefined], [null, undefined], [{}, undefined]]) {
    network.answers("/sessions", 429, { error: "too_many_attempts", retry_after });
    assert.equal((await rejection(client.sessions.list())).retryAfter, expected);
  }
});

test("when another user signs in, nobody is signed in between the two", async () => {
  for (const elsewhere of [false, true]) {
    const { browser, client, user: ada } = await signedIn();
    const seen = [];
    for (const event of ["signedout", "signedin"]) client.on(event, () => seen.push([event, client.user, client.status()?.user]));
    const grace = await (elsewhere ? browser.tab() : client).register(somebody());
    await settle();
    assert.notEqual(grace.id, ada.id);
    assert.deepEqual(seen, [
      ["signedout", null, undefined],
      ["signedin", grace, grace],
    ]);
  }
});
