import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { RatchetError } from "../dist/index.js";
import { Browser, rejection, settle, somebody, startService } from "./support.js";

let service;
before(async () => void (service = await startService()));
after(() => service.stop());

test("a registration signs in, and requests then carry the access token", async () => {
  const person = somebody();
  const client = new Browser(service).tab();
  assert.equal(client.user, null);
  const user = await client.register(person);
  assert.deepEqual(user, { id: user.id, name: person.name, email: person.email, email_verified: false, roles: [] });
  assert.deepEqual(client.user, user);
  assert.deepEqual(client.seen, [{ event: "signedin", user, elsewhere: false }]);
  const response = await client.fetch("/weather");
  assert.equal(response.status, 200);
  assert.equal((await response.json()).length, 5);
});

test("a login begins another session of the same user", async () => {
  const person = somebody();
  const [first, second] = [new Browser(service).tab(), new Browser(service).tab()];
  const user = await first.register(person);
  assert.deepEqual(await second.login(person), user);
  assert.notEqual(second.status().sessionId, first.status().sessionId);
});

test("refusals of a sign-in are errors with the service's code and text, and send nothing twice", async () => {
  const person = somebody();
  const browser = new Browser(service);
  const client = browser.tab();
  const wrong = await rejection(client.login(person));
  assert.ok(wrong instanceof RatchetError);
  assert.deepEqual([wrong.code, wrong.status], ["invalid_credentials", 401]);
  assert.equal(wrong.message, "The email or the password is wrong.");
  await client.register(person);
  assert.equal((await rejection(client.register(person))).code, "email_taken");
  const short = await rejection(client.register({ ...somebody(), password: "short" }));
  assert.equal(short.code, "invalid_request");
  assert.match(short.message, /^password must /);
  browser.network.fails("/login");
  assert.equal((await rejection(client.login(person))).code, "network");
  assert.equal(browser.network.count("/login"), 2);
  assert.ok(client.user, "a failed sign-in leaves the session that there is");
});

test("a session in localStorage survives a reload, one in memory does not", async () => {
  for (const [storage, survives] of [["local", true], ["memory", false]]) {
    const browser = new Browser(service);
    const user = await browser.tab({ storage }).register(somebody());
    const reloaded = browser.tab({ storage });
    assert.deepEqual(await reloaded.resume(), survives ? user : null);
    assert.equal(browser.network.count("/refresh"), 0, "reading needs no request");
    if (survives) assert.equal((await reloaded.fetch("/weather")).status, 200);
    else assert.equal((await rejection(reloaded.fetch("/weather"))).code, "signed_out");
    assert.equal(browser.session !== undefined, survives);
  }
});

test("what is stored by somebody else is no session", async () => {
  for (const text of ["", "{", "null", "[]", '"text"', '{"session_id":7}', '{"session_id":"x","user":null}']) {
    const browser = new Browser(service);
    browser.items.set("mine", text);
    assert.equal(await browser.tab({ key: "mine" }).resume(), null);
  }
});

test("a sign-in while another session is open takes its place and ends it on the server", async () => {
  const browser = new Browser(service);
  const client = browser.tab();
  const ended = browser.network.holds("/logout");
  const [ada, grace] = [await client.register(somebody()), await client.register(somebody())];
  assert.deepEqual(
    client.seen.map(({ event, user, reason }) => [event, user.id, reason]),
    [
      ["signedin", ada.id, undefined],
      ["signedout", ada.id, "replaced"],
      ["signedin", grace.id, undefined],
    ],
  );
  const old = await (await ended.arrived).json();
  ended.go();
  assert.equal(typeof old.refresh_token, "string");
});

test("signing out ends the session here and on the server", async () => {
  const browser = new Browser(service);
  const client = browser.tab();
  const user = await client.register(somebody());
  const stored = browser.session;
  await client.logout();
  assert.equal(client.user, null);
  assert.equal(client.status(), null);
  assert.deepEqual(client.seen.at(-1), { event: "signedout", user, reason: "logout", elsewhere: false });
  assert.ok(![...browser.items.values()].join().includes(stored.refresh_token), "nothing stays behind");
  const body = JSON.stringify({ refresh_token: stored.refresh_token });
  const headers = { "content-type": "application/json" };
  assert.equal((await fetch(`${service.url}/refresh`, { method: "POST", headers, body })).status, 400);
  await client.logout();
  assert.equal(browser.network.count("/logout"), 1, "nobody is signed in any more");
});

test("signing out without a network signs out here, and says that the server doesn't know", async () => {
  const browser = new Browser(service);
  const client = browser.tab();
  await client.register(somebody());
  browser.network.fails("/logout", 4);
  assert.equal((await rejection(client.logout())).code, "network");
  assert.equal(browser.network.count("/logout"), 4);
  assert.equal(client.user, null);
  assert.equal((await rejection(client.fetch("/weather"))).code, "signed_out");
  await client.logout();
  assert.equal(browser.network.count("/logout"), 5, "the next call tells the server");
});

test("a refresh that is answered after signing out brings nothing back", async () => {
  const browser = new Browser(service);
  const client = browser.tab();
  await client.register(somebody());
  const held = browser.network.holds("/refresh");
  const waiting = rejection(client.refresh());
  await held.arrived;
  await client.logout();
  assert.equal((await waiting).code, "signed_out", "nobody waits for its answer any more");
  held.go();
  await settle();
  assert.equal(client.user, null);
  assert.equal(client.seen.at(-1).event, "signedout");
  assert.equal(await browser.tab().resume(), null);
});

test("the device token of an account goes along with its next sign-in, and with no other's", async () => {
  const browser = new Browser(service);
  const [ada, grace] = [somebody(), somebody()];
  await browser.tab().register(ada);
  const [[[owner, token]]] = [...browser.items].filter(([key]) => key.endsWith(":devices")).map(([, text]) => JSON.parse(text));
  assert.equal(owner, ada.email.toLowerCase());
  await browser.tab().register(grace);
  await browser.tab().login({ ...ada, email: ada.email.toUpperCase() });
  await rejection(browser.tab().login(somebody()));
  const logins = browser.network.requests.filter(({ path }) => path === "/login");
  const tokens = logins.map(({ body }) => JSON.parse(body).device_token);
  assert.deepEqual(tokens, [token, undefined]);
});

test("a listener that fails does not stop the others or the client", async (t) => {
  const client = new Browser(service).tab();
  const told = [];
  const report = t.mock.method(console, "error", () => {});
  client.on("signedin", () => {
    throw new Error("a fault of the page");
  });
  const off = client.on("signedin", ({ user }) => told.push(user.id));
  const user = await client.register(somebody());
  assert.deepEqual(told, [user.id]);
  assert.equal(report.mock.callCount(), 1);
  off();
  await client.register(somebody());
  assert.equal(told.length, 1);
});

test("what createClient can't work with is refused, with the option's name", () => {
  const base = { baseUrl: "https://auth.example.com" };
  const check = (options, problem) => {
    assert.throws(
      () => new Browser(service).tab(options),
      (error) => error.code === "misconfigured" && error.message === `createClient: ${problem}`,
    );
  };
  const unsafe = "must be https, or http on a loopback address";
  check({ baseUrl: "http://auth.example.com" }, `baseUrl ${unsafe}`);
  check({ baseUrl: "ftp://localhost" }, `baseUrl ${unsafe}`);
  check({ baseUrl: "http://localhost.example.com" }, `baseUrl ${unsafe}`);
  check({ baseUrl: "auth" }, "baseUrl must be a URL");
  check({ baseUrl: "https://u:p@auth.example.com" }, "baseUrl must have no credentials, query or fragment");
  check({ ...base, origins: ["http://api.example.com"] }, `origins ${unsafe}`);
  check({ ...base, origins: ["https://api.example.com/v1"] }, "origins must have no path");
  check({ ...base, transport: "carrier pigeon" }, "transport must be body or cookie");
  check({ ...base, storage: "disk" }, "storage must be memory, local or an object with getItem, setItem and removeItem");
  for (const baseUrl of ["https://a.example", "http://127.0.0.1:1", "http://[::1]:1", "http://app.localhost"]) {
    new Browser(service).tab({ baseUrl }).close();
  }
});
