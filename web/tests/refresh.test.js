import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Browser, Clock, promise, rejection, settle, signedInAt, somebody, spoilt, startService } from "./support.js";

let service;
before(async () => void (service = await startService()));
after(() => service.stop());

const signedIn = (...options) => signedInAt(service, ...options);

const tokens = ({ requests }, path = "/weather") =>
  requests.filter((request) => request.path === path).map(({ authorization }) => authorization);

test("a token that is due is refreshed beside the request, which does not wait", async () => {
  const { client, network, clock } = await signedIn();
  clock.advance(client.status().refreshAfter * 1000 - 1);
  await client.fetch("/weather");
  assert.equal(network.count("/refresh"), 0, "not yet due");
  clock.advance(1);
  const held = network.holds("/refresh");
  assert.equal((await client.fetch("/weather")).status, 200, "the refresh is still under way");
  await held.arrived;
  const refreshed = promise();
  client.on("refreshed", refreshed.resolve);
  held.go();
  await refreshed;
  await client.fetch("/weather");
  assert.equal(network.count("/refresh"), 1);
  const [first, second, third] = tokens(network);
  assert.equal(first, second);
  assert.notEqual(second, third);
});

test("a token that has expired is refreshed first", async () => {
  const { client, network, clock } = await signedIn();
  clock.advance(60_000);
  assert.equal(client.status().accessTokenExpiresIn, 0);
  assert.equal((await client.fetch("/weather")).status, 200);
  assert.deepEqual(network.requests.map(({ path }) => path).slice(1), ["/refresh", "/weather"]);
  assert.deepEqual(client.seen.map(({ event }) => event), ["signedin", "refreshed"]);
  assert.equal(client.status().accessTokenExpiresIn, 60);
});

test("a cleared access token is refreshed first", async () => {
  const { client, network } = await signedIn();
  await client.clearAccessToken();
  assert.equal(client.status().accessTokenExpiresIn, 0);
  assert.ok(client.user);
  assert.equal((await client.fetch("/weather")).status, 200);
  assert.equal(network.count("/refresh"), 1);
});

test("a token that the service refuses is refreshed once, and the request repeated once", async () => {
  const { client, network } = await signedIn();
  network.spoils("/weather");
  assert.equal((await client.fetch("/weather")).status, 200);
  assert.equal(network.count("/refresh"), 1);
  assert.equal(network.count("/weather"), 2);
  assert.equal(new Set(tokens(network)).size, 2);
});

test("a second refusal is the caller's answer, and the session goes on", async () => {
  const { client, network } = await signedIn();
  network.spoils("/weather", 3);
  const response = await client.fetch("/weather");
  assert.equal(response.status, 401);
  assert.equal((await response.json()).error, "invalid_token");
  assert.deepEqual([network.count("/weather"), network.count("/refresh")], [2, 1]);
  assert.ok(client.user);
  // The service says that this token, too, is not genuine (Is-Token-Expired: false): another one won't be.
  assert.equal((await client.fetch("/weather")).status, 401);
  assert.deepEqual([network.count("/weather"), network.count("/refresh")], [3, 1]);
  // That it has expired since is another matter.
  network.answers("/weather", 401, "", { "is-token-expired": "true" });
  assert.equal((await client.fetch("/weather")).status, 200);
  assert.equal(network.count("/refresh"), 2);
});

test("a token that has really expired is refreshed on the service's word", async () => {
  const short = await startService({ ACCESS_TOKEN_SECONDS: "3" });
  try {
    const browser = new Browser(short);
    const client = browser.tab();
    await client.register(somebody());
    const stored = browser.session.access_token;
    const headers = { authorization: `Bearer ${stored}` };
    let refused;
    do refused = await fetch(`${short.url}/weather`, { headers });
    while (refused.ok);
    assert.equal(refused.headers.get("is-token-expired"), "true");
    assert.equal((await client.fetch("/weather")).status, 200, "the client's clock stood still meanwhile");
    assert.equal(browser.network.count("/refresh"), 1);
  } finally {
    await short.stop();
  }
});

test("a 401 that is not about the token is the caller's", async () => {
  const { client, network } = await signedIn();
  network.answers("/weather", 401, { error: "invalid_credentials" });
  network.answers("/weather", 401, "who are you", { "www-authenticate": "Basic" });
  network.answers("/weather", 401, "not JSON");
  for (let times = 3; times > 0; times -= 1) assert.equal((await client.fetch("/weather")).status, 401);
  assert.equal(network.count("/refresh"), 0);
});

test("a refusal is known by the challenge, by Is-Token-Expired, or by the body", async () => {
  const refusals = [
    ["", { "www-authenticate": 'Bearer realm="x", error="invalid_token"' }],
    ["", { "is-token-expired": "true" }],
    [{ error: "invalid_token" }, {}],
  ];
  for (const [body, headers] of refusals) {
    const { client, network } = await signedIn();
    network.answers("/weather", 401, body, headers);
    assert.equal((await client.fetch("/weather")).status, 200);
    assert.equal(network.count("/refresh"), 1);
  }
});

test("requests at the same time share one refresh", async () => {
  const { client, network, clock } = await signedIn();
  clock.advance(60_000);
  const responses = await Promise.all(Array.from({ length: 10 }, () => client.fetch("/weather")));
  assert.ok(responses.every(({ status }) => status === 200));
  assert.equal(network.count("/refresh"), 1);
  network.spoils("/weather", 10);
  const again = await Promise.all(Array.from({ length: 10 }, () => client.fetch("/weather")));
  assert.ok(again.every(({ status }) => status === 200));
  assert.equal(network.count("/refresh"), 2);
});

test("a refresh that brings the refused token again is not repeated for everyone who waits for it", async () => {
  const { browser, client, network } = await signedIn();
  const { access_token, refresh_token } = browser.session;
  const refused = promise();
  let count = 0;
  const refuse = async (request, send) => {
    const response = await spoilt(request, send);
    count += 1;
    if (count === 10) refused.resolve();
    return response;
  };
  const again = async (_, send) => {
    await refused;
    await settle();
    return Response.json({ ...(await (await send()).json()), access_token, refresh_token });
  };
  network.on("/weather", refuse, 20).on("/refresh", again, 10);
  const responses = await Promise.all(Array.from({ length: 10 }, () => client.fetch("/weather")));
  assert.deepEqual(new Set(responses.map(({ status }) => status)), new Set([401]));
  assert.deepEqual([network.count("/weather"), network.count("/refresh")], [20, 1]);
  assert.ok(client.user);
});

test("no failure of the network or the service signs out; the refresh is repeated after growing pauses", async () => {
  const page = "<title>Sign in to the hotel's network</title>";
  const failures = [
    (network) => network.fails("/refresh", 3),
    (network) => network.answers("/refresh", 503, { error: "temporarily_unavailable" }, {}, 3),
    (network) => network.answers("/refresh", 502, "<html>bad gateway</html>", {}, 3),
    (network) => network.answers("/refresh", 429, { error: "too_many_requests" }, {}, 3),
    (network) => network.answers("/refresh", 200, page, { "content-type": "text/html" }, 3),
    (network) => network.answers("/refresh", 200, { hello: "world" }, {}, 3),
  ];
  for (const fail of failures) {
    const { client, network, clock } = await signedIn({ platform: { random: () => 0.5 } });
    clock.advance(60_000);
    fail(network);
    assert.equal((await client.fetch("/weather")).status, 200);
    assert.equal(network.count("/refresh"), 4);
    assert.deepEqual(clock.pauses, [150, 300, 600], "half of 300, 600, 1200");
    assert.deepEqual(client.seen.map(({ event }) => event), ["signedin", "refreshed"]);
  }
});

test("an option of retry that is undefined has its default", async () => {
  const retry = { tries: undefined, firstPauseMs: undefined, longestPauseMs: undefined, budgetMs: undefined };
  const { client, network, clock } = await signedIn({ retry, platform: { random: () => 0.5 } });
  clock.advance(60_000);
  network.fails("/refresh", 9);
  assert.equal((await rejection(client.fetch("/weather"))).code, "network");
  assert.deepEqual([network.count("/refresh"), clock.pauses], [4, [150, 300, 600]]);
});

test("pauses are anything from nothing to their full length", async () => {
  for (const [random, expected] of [[0, [0, 0, 0]], [0.999, [299.7, 599.4, 1198.8]]]) {
    const { client, network, clock } = await signedIn({ platform: { random: () => random } });
    network.fails("/refresh", 3);
    await client.refresh();
    assert.deepEqual(clock.pauses, expected);
  }
});

test("after so many tries the call fails with its code, and the session stays", async () => {
  const cases = [
    [(network) => network.fails("/refresh", 4), "network", undefined],
    [(network) => network.answers("/refresh", 503, {}, {}, 4), "temporarily_unavailable", 503],
    [(network) => network.answers("/refresh", 429, {}, {}, 4), "too_many_requests", 429],
    [(network) => network.answers("/refresh", 200, "{", {}, 4), "unexpected_answer", 200],
    [(network) => network.answers("/refresh", 404, "not here"), "unexpected_answer", 404],
  ];
  for (const [fail, code, status] of cases) {
    const { client, network, clock, user } = await signedIn();
    clock.advance(60_000);
    fail(network);
    const error = await rejection(client.fetch("/weather"));
    assert.deepEqual([error.name, error.code, error.status], ["RatchetError", code, status]);
    assert.deepEqual(client.user, user);
    assert.equal(network.count("/weather"), 0);
    assert.equal((await client.fetch("/weather")).status, 200, "and the next call gets through");
  }
});

test("a request that gets no answer is given up, and repeated", async () => {
  const { client, network, clock } = await signedIn({ timeoutMs: 15_000 });
  const held = network.holds("/refresh");
  const refreshing = client.refresh();
  await held.arrived;
  clock.advance(15_000);
  await refreshing;
  assert.equal(network.count("/refresh"), 2);
});

test("Retry-After is waited for", async () => {
  const { client, network, clock } = await signedIn({ platform: { random: () => 0.5 } });
  network.answers("/refresh", 503, {}, { "retry-after": "7" });
  await client.refresh();
  assert.equal(clock.pauses[0], 7_150, "and a pause of random length on top, so that not all come back at once");
});

test("a Retry-After beyond patience fails at once, and until then nothing is sent", async () => {
  const { client, network, clock } = await signedIn();
  clock.advance(60_000);
  network.answers("/refresh", 429, {}, { "retry-after": "60" });
  const first = await rejection(client.fetch("/weather"));
  assert.deepEqual([first.code, first.retryAfter], ["too_many_requests", 60]);
  clock.advance(30_000);
  const second = await rejection(client.fetch("/weather"));
  assert.deepEqual([second.code, second.retryAfter], ["temporarily_unavailable", 30]);
  assert.equal(network.count("/refresh"), 1);
  clock.advance(30_000);
  assert.equal((await client.fetch("/weather")).status, 200);
  assert.equal(network.count("/refresh"), 2);
});

test("a refresh whose answer is lost is repeated, and the session goes on with the next token", async () => {
  const { browser, client, network } = await signedIn();
  network.on("/refresh", async (_, send) => {
    assert.equal((await send()).status, 200);
    throw new TypeError("fetch failed");
  });
  await client.refresh();
  assert.equal(network.count("/refresh"), 2);
  await client.refresh();
  assert.equal(network.count("/refresh"), 3);
  assert.equal(browser.session.count, 3);
});

test("a refused refresh token signs out", async () => {
  const { browser, client, network, user } = await signedIn();
  const body = JSON.stringify({ refresh_token: browser.session.refresh_token });
  await fetch(`${service.url}/logout`, { method: "POST", headers: { "content-type": "application/json" }, body });
  assert.equal((await client.fetch("/weather")).status, 200, "the access token outlives the session");
  await client.clearAccessToken();
  assert.equal((await rejection(client.fetch("/weather"))).code, "signed_out");
  assert.deepEqual(client.seen.at(-1), { event: "signedout", user, reason: "refused", elsewhere: false });
  assert.equal((await rejection(client.refresh())).code, "signed_out");
  assert.equal(network.count("/refresh"), 1, "there is nothing left to refresh");
});

test("the refresh brings the access token along where the service wants it", async () => {
  for (const sendAccessToken of [true, false]) {
    const { client, network } = await signedIn({ sendAccessToken });
    await client.refresh();
    const sent = JSON.parse(network.requests.at(-1).body);
    assert.equal(typeof sent.access_token, sendAccessToken ? "string" : "undefined");
  }
});

test("a device clock that is hours wrong changes nothing", async () => {
  for (const hours of [-24, -1, 1, 24]) {
    const browser = new Browser(service);
    browser.clock.skew = Date.now() + hours * 3_600_000;
    const client = browser.tab();
    await client.register(somebody());
    assert.equal((await client.fetch("/weather")).status, 200);
    assert.equal(browser.network.count("/refresh"), 0);
    assert.equal(client.status().accessTokenExpiresIn, 60);
    const reloaded = browser.tab();
    await reloaded.resume();
    assert.equal((await reloaded.fetch("/weather")).status, 200);
    assert.equal(browser.network.count("/refresh"), 0);
  }
});

test("a device clock that is set while somebody is signed in costs a request at most", async () => {
  const forward = await signedIn();
  forward.clock.sleep(3_600_000);
  assert.equal((await forward.client.fetch("/weather")).status, 200);
  assert.equal(forward.network.count("/refresh"), 1, "refreshed early");

  const back = await signedIn();
  back.clock.sleep(-3_600_000);
  assert.equal((await back.client.fetch("/weather")).status, 200);
  assert.equal(back.network.count("/refresh"), 0);
  back.clock.advance(60_000);
  assert.equal((await back.client.fetch("/weather")).status, 200);
  assert.equal(back.network.count("/refresh"), 1, "the other clock has gone on");

  const reloaded = back.browser.tab();
  await reloaded.resume();
  back.clock.sleep(-3_600_000);
  back.network.spoils("/weather");
  assert.equal((await reloaded.fetch("/weather")).status, 200, "a 401 says what no clock could");
});

test("after a sleep in which one clock stood still the token is refreshed first", async () => {
  const { client, network, clock } = await signedIn();
  clock.sleep(8 * 3_600_000);
  assert.equal(client.status().accessTokenExpiresIn, 0);
  assert.equal((await client.fetch("/weather")).status, 200);
  assert.deepEqual(network.requests.map(({ path }) => path).slice(1), ["/refresh", "/weather"]);
});

test("the service may be restarted in between", async () => {
  const directory = await mkdtemp(join(tmpdir(), "ratchet-"));
  const own = await startService({}, { directory });
  const browser = new Browser(own);
  const client = browser.tab();
  const user = await client.register(somebody());
  await own.stop();
  await client.clearAccessToken();
  assert.equal((await rejection(client.fetch("/weather"))).code, "network");
  assert.deepEqual(client.user, user);
  const again = await startService({}, { directory, port: new URL(own.url).port });
  assert.equal((await client.fetch("/weather")).status, 200);
  assert.ok(client.seen.every(({ event }) => event !== "signedout"));
  await again.stop();
  await rm(directory, { recursive: true });
});

test("nothing runs when nobody asks", async () => {
  const { client, network, clock } = await signedIn();
  clock.advance(600_000);
  await settle();
  assert.equal(network.requests.length, 1);
  assert.ok(client.user, "how long a session lives is for the service to say");
  assert.ok(clock instanceof Clock);
});
