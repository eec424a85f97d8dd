import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, ORIGIN, rejection, settle, somebody, startService, withCookies } from "./support.js";

let service;
before(async () => void (service = await startService({ ALLOWED_ORIGIN: ORIGIN })));
after(() => service.stop());

const cookie = { transport: "cookie", storage: "memory" };

function browser() {
  const browser = new Browser(service);
  withCookies(browser.network);
  return browser;
}

test("with cookies no refresh token is kept, sent or seen by scripts", async () => {
  const own = browser();
  const client = own.tab({ ...cookie, storage: "local" });
  await client.register(somebody());
  await client.refresh();
  await rejection(client.login(somebody()));
  await client.logout();
  const bodies = own.network.requests.map(({ path, body }) => [path, Object.keys(JSON.parse(body))]);
  assert.deepEqual(bodies, [
    ["/register", ["email", "password", "name", "refresh_transport"]],
    ["/refresh", ["retry_key"]],
    ["/login", ["email", "password", "refresh_transport"]],
    ["/logout", []],
  ]);
  assert.ok(![...own.items.values()].join().includes("refresh_token"));
});

test("a new page takes the session up by its cookie", async () => {
  const own = browser();
  const user = await own.tab(cookie).register(somebody());
  own.close();
  const client = own.tab(cookie);
  assert.equal(client.user, null);
  assert.deepEqual(await client.resume(), user);
  assert.deepEqual(client.seen, [{ event: "signedin", user, elsewhere: false }]);
  assert.equal((await own.tab(cookie).fetch("/weather")).status, 200, "without resume() too");
});

test("new pages at the same time ask once", async () => {
  const own = browser();
  const user = await own.tab(cookie).register(somebody());
  own.close();
  const pages = [own.tab(cookie), own.tab(cookie), own.tab(cookie)];
  assert.deepEqual(await Promise.all(pages.map((page) => page.resume())), [user, user, user]);
  assert.equal(own.network.count("/refresh"), 1);
});

test("without a cookie nobody is signed in, and it is not asked again", async () => {
  const own = browser();
  const client = own.tab(cookie);
  assert.equal(await client.resume(), null);
  assert.equal(await client.resume(), null);
  assert.equal((await rejection(client.fetch("/weather"))).code, "signed_out");
  assert.equal(own.network.count("/refresh"), 2, "one more try, and no more");
  assert.deepEqual(client.seen, []);
  await client.register(somebody());
  assert.equal((await client.fetch("/weather")).status, 200);
});

test("whether somebody is signed in stays open while the service can't be reached", async () => {
  const own = browser();
  const user = await own.tab(cookie).register(somebody());
  own.close();
  const client = own.tab(cookie);
  own.network.fails("/refresh", 4);
  assert.equal((await rejection(client.resume())).code, "network");
  assert.deepEqual(await client.resume(), user);
});

test("a refused cookie is tried once more, since another tab may have brought a new one", async () => {
  const own = browser();
  const client = own.tab(cookie);
  const user = await client.register(somebody());
  own.network.answers("/refresh", 400, { error: "invalid_grant" });
  assert.deepEqual(await client.refresh(), user);
  assert.equal(own.network.count("/refresh"), 2);
  own.network.answers("/refresh", 400, { error: "invalid_grant" }, {}, 2);
  assert.equal((await rejection(client.refresh())).code, "signed_out");
  assert.equal(client.seen.at(-1).reason, "refused");
});

test("signing out takes the cookie away, also when nobody has looked whether there is one", async () => {
  const own = browser();
  await own.tab(cookie).register(somebody());
  own.close();
  await own.tab(cookie).logout();
  assert.equal(own.network.cookie(), undefined);
  assert.equal(await own.tab(cookie).resume(), null);
});

/** What a service says that finds no cookie, and does not clear it either. */
const MISSING = [400, { error: "invalid_request", error_description: "refresh_token is missing." }];

test("where the service finds no cookie though there is a session, signing out is over here, and not said to be there", async () => {
  const own = browser();
  const client = own.tab(cookie);
  await client.register(somebody());
  own.network.answers("/logout", ...MISSING, {}, 2);
  assert.equal((await rejection(client.logout())).code, "invalid_request");
  assert.equal(client.user, null);
  assert.deepEqual([client.seen.at(-1).event, client.seen.at(-1).reason], ["signedout", "logout"]);
  assert.equal((await rejection(client.logout())).code, "invalid_request", "the next call tries again");
  await client.logout();
  assert.equal(own.network.cookie(), undefined);
  assert.equal(own.network.count("/logout"), 3);
});

test("a cookie that has gone because its time was over leaves nothing to sign out of", async () => {
  const own = browser();
  const client = own.tab(cookie);
  await client.register(somebody());
  own.network.answers("/logout", ...MISSING, {}, 2);
  own.clock.advance((client.status().refreshTokenExpiresIn + 1) * 1000);
  await client.logout();
  assert.equal(client.user, null);
  await own.tab(cookie).logout();
  assert.equal(own.network.count("/logout"), 2);
});

test("a page whose cookie has gone is signed out here, and told that the session was not ended", async () => {
  const own = browser();
  const client = own.tab(cookie);
  await client.register(somebody());
  own.network.setCookie(undefined);
  const error = await rejection(client.logout());
  assert.deepEqual([error.code, error.message], ["invalid_request", "refresh_token is missing."]);
  assert.equal(client.user, null);
  assert.equal(own.network.count("/logout"), 1);
});

test("a page without a session signs out, and the service clears what cookie there may be", async () => {
  const own = browser();
  await own.tab(cookie).logout();
  assert.equal(own.network.count("/logout"), 1);
});

test("a page that may not use cookies is told so, and not that its session is over", async () => {
  const own = browser();
  const client = own.tab(cookie);
  const user = await client.register(somebody());
  own.network.on("/refresh", async (request, send) => {
    request.headers.set("origin", "https://elsewhere.example");
    request.headers.set("cookie", own.network.cookie());
    return send();
  });
  const error = await rejection(client.refresh());
  assert.equal(error.code, "invalid_request");
  assert.match(error.message, /^Origin must be the allowed one/);
  assert.deepEqual(client.user, user);
});

test("a sign-in waits for a refresh that could overwrite its cookie", async () => {
  const own = browser();
  const [one, two] = [own.tab(cookie), own.tab(cookie)];
  await one.register(somebody());
  await settle();
  const held = own.network.holdsAnswer("/refresh");
  const refreshing = two.refresh();
  await held.arrived;
  const registering = one.register(somebody());
  await settle();
  assert.equal(own.network.count("/register"), 1);
  held.go();
  const [, grace] = await Promise.all([refreshing, registering]);
  await settle();
  assert.deepEqual([one.user, two.user], [grace, grace]);
  assert.deepEqual(await one.refresh(), grace);
});

test("a cookie of another sign-in than the one this page knows is noticed", async () => {
  const own = browser();
  const stranger = browser();
  const client = own.tab(cookie);
  const ada = await client.register(somebody());
  const grace = await stranger.tab(cookie).register(somebody());
  own.network.setCookie(stranger.network.cookie());
  own.network.spoils("/weather");
  assert.equal((await rejection(client.fetch("/weather"))).code, "user_changed");
  assert.deepEqual(
    client.seen.slice(1).map(({ event, reason, user }) => [event, reason, user.id]),
    [
      ["signedout", "replaced", ada.id],
      ["signedin", undefined, grace.id],
    ],
  );
});

test("an answer without its refresh token is none, nor is one that shows it where it should be in the cookie", async () => {
  const shown = browser();
  shown.network.answers("/register", 201, { refresh_token: "shown", ...answer });
  assert.equal((await rejection(shown.tab(cookie).register(somebody()))).code, "unexpected_answer");
  const missing = new Browser(service);
  missing.network.answers("/register", 201, answer);
  assert.equal((await rejection(missing.tab().register(somebody()))).code, "unexpected_answer");
  for (const client of [shown.tab(cookie), missing.tab()]) assert.equal(await client.resume(), null);
});

const answer = {
  access_token: "a",
  session_id: "s",
  user: { id: "u", name: "", email: "", roles: [] },
  expires_in: 60,
  refresh_after: 45,
  refresh_expires_in: 600,
};
