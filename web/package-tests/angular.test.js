import "@angular/compiler"; // Angular's own packages are linked when they are loaded
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { HttpClient, HttpErrorResponse } from "@angular/common/http";
import { destroyPlatform } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import { Router } from "@angular/router";
import { RatchetService } from "@ratchet-auth/client/angular";
import { firstValueFrom } from "rxjs";
import { promise, rejection, somebody, spoilt, startService } from "../tests/support.js";
import { API, openPage, signInWith, until } from "./support.js";

const { App } = await import("./build/app/app.js");
const { appConfig } = await import("./build/app/app.config.js");

const TIME = { timeout: 60_000 };
const REFUSED = { "www-authenticate": 'Bearer error="invalid_token"', "is-token-expired": "true" };

let service;
before(async () => void (service = await startService()));
after(() => service.stop());

/** The app of the README, as it starts in a browser that has never seen it. */
async function open(t) {
  const page = openPage(service.url, "<app-root></app-root>");
  const app = await bootstrapApplication(App, appConfig);
  t.after(() => {
    app.destroy();
    destroyPlatform();
  });
  const [http, router, { client }] = [HttpClient, Router, RatchetService].map((token) => app.injector.get(token));
  const get = (path) => firstValueFrom(http.get(API + path));
  return { ...page, injector: app.injector, http, router, client, get };
}

/** The same, with somebody signed in and the weather shown. */
async function signedIn(t) {
  const page = await open(t);
  await until(() => page.find("app-login"));
  const person = somebody();
  await page.client.register(person);
  await page.router.navigateByUrl("/");
  await until(() => page.body.textContent.includes("°C"));
  page.network.requests.length = 0;
  return { ...page, person };
}

/** What an API of one's own may be sent: its path, and all that arrives there. */
function echo(network, times, refused) {
  const seen = [];
  const answer = async (request) => {
    seen.push({ request, text: await request.clone().text() });
    const isRefused = seen.length <= refused;
    return Response.json({ error: "invalid_token" }, isRefused ? { status: 401, headers: REFUSED } : {});
  };
  network.on("/echo", answer, times);
  return seen;
}

test("the app shows the form, the weather after a sign-in, and the form after a sign-out", TIME, async (t) => {
  const page = await open(t);
  await until(() => page.find("app-login"));
  assert.equal(page.router.url, "/login");
  const person = somebody();
  await fetch(`${API}/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(person),
  });
  signInWith(page, { ...person, password: "wrong" });
  await until(() => page.find("[role=alert]").textContent === "The email or the password is wrong.");
  signInWith(page, person);
  await until(() => page.body.textContent.match(/°C/g)?.length === 5);
  assert.match(page.body.textContent, /Ada Lovelace/);
  page.find("button").click();
  await until(() => page.find("app-login"));
  assert.equal(page.client.user, null);
});

test("a request to the service gets the token, and a request to anywhere else does not", TIME, async (t) => {
  const { http, network, get } = await signedIn(t);
  assert.equal((await get("/weather")).length, 5);
  const seen = [];
  const answer = async ({ url, headers }) => {
    seen.push([url, headers.get("authorization")]);
    return Response.json({});
  };
  network.on("/x", answer, 4);
  const others = ["https://evil.example/x", `${API}.evil.example/x`, "//evil.example/x", "/x"];
  for (const address of others) await firstValueFrom(http.get(address));
  const page = "https://app.example.com/x"; // not the service's: that is how a browser takes a relative address
  assert.deepEqual(seen, ["https://evil.example/x", `${API}.evil.example/x`, "https://evil.example/x", page].map((url) => [url, null]));
  assert.deepEqual([network.count("/weather"), network.count("/refresh")], [1, 0]);
});

test("requests that are refused at the same time share one refresh, and each is repeated once", TIME, async (t) => {
  const { network, get } = await signedIn(t);
  const all = promise();
  let count = 0;
  const refuse = async (request, send) => {
    count += 1;
    if (count === 5) all.resolve();
    await all;
    return spoilt(request, send);
  };
  network.on("/weather", refuse, 5);
  const answers = await Promise.all(Array.from({ length: 5 }, () => get("/weather")));
  assert.ok(answers.every((days) => days.length === 5));
  assert.deepEqual([network.count("/weather"), network.count("/refresh")], [10, 1]);
});

test("a second refusal is the caller's, as an HttpErrorResponse with its body", TIME, async (t) => {
  const { client, network, get } = await signedIn(t);
  network.spoils("/weather", 2);
  const error = await rejection(get("/weather"));
  assert.ok(error instanceof HttpErrorResponse);
  assert.deepEqual([error.status, error.error.error, error.url], [401, "invalid_token", `${service.url}/weather`]);
  assert.deepEqual([network.count("/weather"), network.count("/refresh")], [2, 1]);
  assert.ok(client.user);
});

test("an error that is not about the token reaches the caller with status and body, and nothing is refreshed", TIME, async (t) => {
  const { client, router, network, get } = await signedIn(t);
  for (const [status, code] of [[401, "invalid_credentials"], [403, "insufficient_scope"], [500, "oops"], [503, "temporarily_unavailable"]]) {
    network.answers("/weather", status, { error: code });
    const error = await rejection(get("/weather"));
    assert.ok(error instanceof HttpErrorResponse);
    assert.deepEqual([error.status, error.error], [status, { error: code }]);
  }
  network.fails("/weather");
  assert.equal((await rejection(get("/weather"))).status, 0);
  assert.equal(network.count("/refresh"), 0);
  assert.ok(client.user);
  assert.equal(router.url, "/");
});

test("a refresh that gets no answer or a 5xx signs nobody out", TIME, async (t) => {
  const { client, router, network, get } = await signedIn(t);
  for (const [fail, status, code] of [
    [() => network.fails("/refresh", 4), 0, "network"],
    [() => network.answers("/refresh", 503, {}, {}, 4), 503, "temporarily_unavailable"],
  ]) {
    network.spoils("/weather");
    fail();
    const error = await rejection(get("/weather"));
    assert.ok(error instanceof HttpErrorResponse);
    assert.deepEqual([error.status, error.error.code], [status, code]);
    assert.ok(client.user);
    assert.equal(router.url, "/");
  }
  assert.equal((await get("/weather")).length, 5);
});

test("a session that has ended leads to the sign-in form, and the caller gets the 401", TIME, async (t) => {
  const { client, find, network, router, get } = await signedIn(t);
  network.spoils("/weather").answers("/refresh", 400, { error: "invalid_grant" });
  const error = await rejection(get("/weather"));
  assert.deepEqual([error.status, error.error.error], [401, "invalid_token"]);
  assert.equal(client.user, null);
  await until(() => find("app-login"));
  assert.equal(router.url, "/login");
});

test("a service that is busy signs nobody out, and the page says so", TIME, async (t) => {
  const { find, body, network, router } = await signedIn(t);
  await router.navigateByUrl("/login");
  network.answers("/weather", 503, { error: "temporarily_unavailable" });
  await router.navigateByUrl("/");
  await until(() => find("[role=alert]")?.textContent === "The weather is not available.");
  assert.match(body.textContent, /Ada Lovelace/);
});

test("the signal of the user follows the session", TIME, async (t) => {
  const { client, injector, person } = await signedIn(t);
  const { user } = injector.get(RatchetService);
  assert.equal(user().name, person.name);
  await client.logout();
  assert.equal(user(), null);
  await client.login(person);
  assert.equal(user().name, person.name);
});

test("when another user signs in the page stays, and asks for the weather in their name", TIME, async (t) => {
  const { client, router, network, body } = await signedIn(t);
  const went = [];
  router.events.subscribe((event) => event.url && went.push(event.url));
  const other = { ...somebody(), name: "Grace Hopper" };
  await client.register(other);
  await until(() => body.textContent.includes("Grace Hopper") && body.textContent.includes("°C"));
  await until(() => network.count("/weather") === 1);
  assert.deepEqual([router.url, went], ["/", []]);
});

test("when nobody is signed in a request goes without a token", TIME, async (t) => {
  const { network, get } = await open(t);
  network.answers("/public", 200, { open: true });
  assert.deepEqual(await get("/public"), { open: true });
  assert.equal((await rejection(get("/weather"))).status, 401);
  assert.deepEqual(network.requests.map(({ authorization }) => authorization), [null, null]);
});

test("a body is sent again as it was, and redirects are not followed", TIME, async (t) => {
  const { http, network } = await signedIn(t);
  const form = new FormData();
  form.append("a", "1");
  const bodies = [{ a: [1, "ü"] }, "text", form, new Blob(["bytes"]), new Uint8Array([1, 2, 3]).buffer];
  for (const body of bodies) {
    const seen = echo(network, 2, 1);
    await firstValueFrom(http.put(`${API}/echo?x=1`, body, { headers: { "x-own": "1" } }));
    assert.equal(seen.length, 2);
    const [first, second] = seen.map(({ request, text }) => ({
      text: text.replaceAll(/-+form[\w-]+/g, "--"),
      url: request.url,
      method: request.method,
      own: request.headers.get("x-own"),
      redirect: request.redirect,
    }));
    assert.deepEqual(first, second);
    assert.deepEqual([first.method, first.own, first.redirect], ["PUT", "1", "error"]);
    assert.ok(first.text.length > 0);
    assert.notEqual(seen[0].request.headers.get("authorization"), seen[1].request.headers.get("authorization"));
  }
});

test("who unsubscribes ends the request", TIME, async (t) => {
  const { http, network } = await signedIn(t);
  const held = network.holds("/weather");
  const subscription = http.get(`${API}/weather`).subscribe(() => assert.fail("there is an answer"));
  const request = await held.arrived;
  const aborted = new Promise((resolve) => request.signal.addEventListener("abort", resolve));
  subscription.unsubscribe();
  await aborted;
});

test("who unsubscribes while the token is refreshed gets no second request, and others get the token", TIME, async (t) => {
  const { http, client, network, get } = await signedIn(t);
  network.spoils("/weather");
  const held = network.holds("/refresh");
  const subscription = http.get(`${API}/weather`).subscribe(() => assert.fail("there is an answer"));
  await held.arrived;
  subscription.unsubscribe();
  const refreshed = promise();
  client.on("refreshed", refreshed.resolve);
  held.go();
  await refreshed;
  assert.equal((await get("/weather")).length, 5);
  assert.deepEqual([network.count("/weather"), network.count("/refresh")], [2, 1]);
});
