import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { Browser, promise, rejection, settle, signedInAt, somebody, startService } from "./support.js";

let service;
before(async () => void (service = await startService()));
after(() => service.stop());

/** An API of one's own: what reaches it, and what it answers. */
async function api(answer) {
  const seen = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    seen.push({ method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(chunks) });
    const [status, headers] = answer(seen.length);
    response.writeHead(status, headers).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections()));
  return { url: `http://127.0.0.1:${server.address().port}`, seen, stop };
}

const REFUSED = [401, { "www-authenticate": 'Bearer error="invalid_token"' }];
/** Refuses the first token that it sees. */
const strict = (count) => (count === 1 ? REFUSED : [200, {}]);

const signedIn = (...options) => signedInAt(service, ...options);

test("every body that can be sent twice is, byte for byte, whatever its owner does with it meanwhile", async () => {
  const bytes = () => new Uint8Array([0, 1, 2, 253, 254, 255]);
  const form = new FormData();
  form.append("a", "1");
  form.append("file", new Blob(["inside"], { type: "text/x" }), "name.txt");
  const parameters = new URLSearchParams({ a: "1", b: "ü" });
  const buffer = bytes().buffer;
  const view = bytes().subarray(1, 3);
  const cases = [
    ["a string", "text ü", "text ü", /^text\/plain/],
    ["URLSearchParams", parameters, "a=1&b=%C3%BC", /^application\/x-www-form-urlencoded/, () => parameters.set("a", "2")],
    ["a Blob", new Blob([bytes()], { type: "image/x" }), bytes(), /^image\/x$/],
    ["an ArrayBuffer", buffer, bytes(), undefined, () => new Uint8Array(buffer).fill(7)],
    ["a view", view, bytes().slice(1, 3), undefined, () => view.fill(7)],
    ["a form", form, /name="a"\r\n\r\n1\r\n.*filename="name.txt".*inside/s, /^multipart\/form-data/, () => form.set("a", "2")],
  ];
  for (const [name, body, expected, type, spoil = () => {}] of cases) {
    const { url, seen, stop } = await api(strict);
    const { client } = await signedIn({ origins: [url] });
    const headers = { "x-own": "kept" };
    const sending = client.fetch(`${url}/items`, { method: "POST", body, headers });
    spoil();
    headers["x-own"] = "changed";
    assert.equal((await sending).status, 200, name);
    assert.equal(seen.length, 2, name);
    for (const request of seen) {
      assert.equal(request.method, "POST");
      assert.equal(request.headers["x-own"], "kept");
      if (type) assert.match(request.headers["content-type"], type);
      assert.equal(request.headers["transfer-encoding"], undefined, name);
      if (expected instanceof RegExp) assert.match(request.body.toString(), expected);
      else assert.deepEqual(request.body, Buffer.from(expected), name);
    }
    const [first, second] = seen.map((request) => request.headers.authorization);
    assert.notEqual(first, second);
    await stop();
  }
});

test("a Request is sent twice, and stays unread", async () => {
  const { url, seen, stop } = await api(strict);
  const { client } = await signedIn({ origins: [url] });
  const headers = { "content-type": "application/json", "x-own": "kept" };
  const request = new Request(`${url}/items?x=1`, { method: "PUT", body: '{"a":1}', headers });
  assert.equal((await client.fetch(request)).status, 200);
  assert.equal(request.bodyUsed, false);
  assert.equal((await client.fetch(request, { headers: { "x-own": "other" }, body: "new" })).status, 200);
  assert.deepEqual(
    seen.map(({ method, url, headers, body }) => [method, url, headers["x-own"], headers["content-type"], body.toString()]),
    [
      ["PUT", "/items?x=1", "kept", "application/json", '{"a":1}'],
      ["PUT", "/items?x=1", "kept", "application/json", '{"a":1}'],
      ["PUT", "/items?x=1", "other", "text/plain;charset=UTF-8", "new"],
    ],
  );
  const plain = new Request(`${url}/plain`);
  assert.equal((await client.fetch(plain)).status, 200);
  assert.equal((await client.fetch(new URL(`${url}/url`), { method: "DELETE" })).status, 200);
  assert.deepEqual(seen.slice(3).map(({ method, url }) => [method, url]), [["GET", "/plain"], ["DELETE", "/url"]]);
  await stop();
});

test("a stream is refused before anything is sent", async () => {
  const { client, network } = await signedIn();
  const generator = async function* () {
    yield "x";
  };
  const sent = network.requests.length;
  for (const body of [new Blob(["x"]).stream(), generator()]) {
    const error = await rejection(client.fetch("/weather", { method: "POST", body, duplex: "half" }));
    assert.equal(error.code, "stream_refused");
  }
  assert.equal(network.requests.length, sent);
});

test("one Authorization is sent, the client's", async () => {
  const { client, network } = await signedIn();
  await client.fetch("/weather", { headers: { Authorization: "Basic eA==", "x-own": "1" } });
  assert.match(network.requests.at(-1).authorization, /^Bearer [^,]+$/);
});

test("tokens go to the service and to listed origins, and nothing is sent anywhere else", async () => {
  const { url, seen, stop } = await api(() => [200, {}]);
  const { client, network } = await signedIn();
  const sent = network.requests.length;
  const elsewhere = [
    `${url}/x`,
    new URL(`${url}/x`),
    new Request(`${url}/x`),
    "https:evil.example/x",
    "data:text/plain,x",
    service.url.replace("127.0.0.1", "localhost"),
    service.url.replace("http:", "https:"),
    `${service.url.replace("//", "//evil.example\\@")}`,
  ];
  for (const address of elsewhere) {
    assert.equal((await rejection(client.fetch(address))).code, "origin_refused", String(address));
  }
  assert.deepEqual([network.requests.length, seen.length], [sent, 0]);
  const listed = await signedIn({ origins: [url] });
  assert.equal((await listed.client.fetch(`${url}/x`)).status, 200);
  assert.match(seen[0].headers.authorization, /^Bearer /);
  await stop();
});

test("a path is taken below baseUrl, whatever it looks like", async () => {
  const { url, seen, stop } = await api(() => [200, {}]);
  const { browser } = await signedIn({ key: "k" });
  const client = browser.tab({ baseUrl: `${url}/prod/`, key: "k" });
  for (const path of ["/weather?x=1", "weather", "//evil.example/x", "/\\evil.example/x", "/a:b"]) await client.fetch(path);
  assert.deepEqual(
    seen.map((request) => request.url),
    ["/prod/weather?x=1", "/prod/weather", "/prod//evil.example/x", "/prod//evil.example/x", "/prod/a:b"],
  );
  await stop();
});

test("a redirect is not followed", async () => {
  const target = await api(() => [200, {}]);
  for (const status of [301, 302, 303, 307, 308]) {
    const { url, stop } = await api(() => [status, { location: `${target.url}/stolen` }]);
    const { client } = await signedIn({ origins: [url] });
    assert.equal((await rejection(client.fetch(`${url}/x`))).code, "redirect_refused");
    assert.equal((await client.fetch(`${url}/x`, { redirect: "manual" })).status, status);
    await stop();
  }
  const { url, stop } = await api(() => [307, { location: target.url }]);
  const client = new Browser(service).tab({ baseUrl: url, retry: { tries: 1 } });
  assert.equal((await rejection(client.login(somebody()))).code, "network");
  assert.equal(target.seen.length, 0);
  await Promise.all([stop(), target.stop()]);
});

test("a request without an answer is an error of this client, and is not repeated", async () => {
  const { client, network } = await signedIn();
  network.fails("/weather");
  const error = await rejection(client.fetch("/weather", { method: "POST", body: "x" }));
  assert.equal(error.code, "network");
  assert.ok(error.cause instanceof TypeError);
  assert.equal(network.count("/weather"), 1);
});

test("an abort ends one caller's waiting and nobody else's refresh", async () => {
  const { client, network } = await signedIn();
  await client.clearAccessToken();
  const held = network.holds("/refresh");
  const controller = new AbortController();
  const reason = new Error("changed my mind");
  const one = rejection(client.fetch("/weather", { signal: controller.signal }));
  const two = client.fetch(new Request(`${service.url}/weather`));
  await held.arrived;
  controller.abort(reason);
  assert.equal(await one, reason);
  held.go();
  assert.equal((await two).status, 200);
  assert.deepEqual([network.count("/refresh"), network.count("/weather")], [1, 1]);
});

test("an abort reaches the request itself", async () => {
  const { client, network } = await signedIn();
  const held = network.holds("/weather");
  const controller = new AbortController();
  const fetching = rejection(client.fetch("/weather", { signal: controller.signal }));
  await held.arrived;
  controller.abort();
  assert.equal((await fetching).name, "AbortError");
  const before = network.requests.length;
  assert.equal((await rejection(client.fetch("/weather", { signal: controller.signal }))).name, "AbortError");
  await settle();
  assert.equal(network.requests.length, before, "aborted before it began");
});

test("a request whose time is up while it waits for a refresh is not sent", async () => {
  const { client, network } = await signedIn();
  network.spoils("/weather");
  const held = network.holds("/refresh");
  const controller = new AbortController();
  const one = rejection(client.fetch("/weather", { signal: controller.signal }));
  await held.arrived;
  controller.abort(new DOMException("too slow", "TimeoutError"));
  assert.equal((await one).name, "TimeoutError");
  const done = promise();
  client.on("refreshed", done.resolve);
  held.go();
  await done;
  await settle();
  assert.equal(network.count("/weather"), 1);
});
