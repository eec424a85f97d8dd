import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accountOf } from "../dist/account.js";
import { Browser, lose, mailTo, ORIGIN, rejection, settle, somebody, startService, withCookies } from "./support.js";

let service;
before(async () => void (service = await startService({ ALLOWED_ORIGIN: ORIGIN })));
after(() => service.stop());

const TRANSPORTS = [{}, { transport: "cookie" }];
const newPassword = "nanoseconds of copper wire";

/** Somebody who has registered in the first of two tabs. */
async function inTwoTabs(options, where = service) {
  const browser = new Browser(where);
  const { network } = browser;
  if (options?.transport === "cookie") withCookies(network);
  const [client, other] = [browser.tab(options), browser.tab(options)];
  const person = somebody();
  const user = await client.register(person);
  await other.resume();
  const codeOf = async (kind) => (await mailTo(where, person.email, kind)).code;
  const bodies = (path) => network.requests.filter((request) => request.path === path).map(({ body }) => JSON.parse(body));
  return { browser, network, client, other, account: client.account, person, user, codeOf, bodies };
}

test("a forgotten password is replaced by the code of a mail, which signs nobody in and ends every session", async () => {
  const { client, person, user } = await inTwoTabs();
  const elsewhere = new Browser(service).tab();
  await elsewhere.account.requestPasswordReset({ email: person.email });
  const { code: token } = await mailTo(service, person.email, "reset");
  await elsewhere.account.resetPassword({ token, password: newPassword });
  assert.equal(elsewhere.user, null);
  assert.deepEqual(elsewhere.seen, []);
  assert.equal((await rejection(client.refresh())).code, "signed_out");
  assert.equal((await rejection(elsewhere.login(person))).code, "invalid_credentials");
  const now = await elsewhere.login({ ...person, password: newPassword });
  assert.deepEqual(now, { ...user, email_verified: true });
});

test("a reset of the password where its user is signed in is known at once in all tabs", async () => {
  for (const options of TRANSPORTS) {
    const { account, client, other, person, codeOf } = await inTwoTabs(options);
    await account.requestPasswordReset(person);
    await account.resetPassword({ token: await codeOf("reset"), password: newPassword });
    await settle();
    for (const tab of [client, other]) {
      assert.equal(tab.user, null);
      assert.equal(tab.seen.at(-1).reason, "refused");
    }
  }
});

test("a reset of somebody else's password leaves the session that there is", async () => {
  const { account, client, user } = await inTwoTabs();
  const { person: grace } = await inTwoTabs();
  await account.requestPasswordReset(grace);
  await account.resetPassword({ token: (await mailTo(service, grace.email, "reset")).code, password: newPassword });
  assert.deepEqual(client.user, user);
  assert.equal((await client.sessions.list()).sessions.length, 1);
});

test("a device that is known asks for a reset by its device token, and an unknown one without", async () => {
  const { account, client, person, bodies } = await inTwoTabs();
  await client.logout();
  await account.requestPasswordReset({ email: person.email.toUpperCase().replace("EXAMPLE.COM", "example.com") });
  await account.requestPasswordReset({ email: somebody().email });
  const [known, unknown] = bodies("/password/reset-request");
  assert.ok(known.device_token);
  assert.deepEqual(Object.keys(unknown), ["email"]);
});

test("a code that does not work and a mail too many are errors with their codes", async () => {
  const { account, client, person, codeOf } = await inTwoTabs();
  const wrong = { token: "A".repeat(43) };
  for (const use of [() => account.resetPassword({ ...wrong, password: newPassword }), () => account.verifyEmail(wrong)]) {
    const error = await rejection(use());
    assert.deepEqual([error.name, error.code, error.status], ["RatchetError", "invalid_code", 400]);
  }
  await account.requestVerification();
  const error = await rejection(account.requestVerification());
  assert.deepEqual([error.code, error.status], ["too_many_mails", 429]);
  assert.ok(error.retryAfter > 0 && error.retryAfter <= 60, `${error.retryAfter} s`);
  await account.requestPasswordReset(person);
  const token = await codeOf("reset");
  assert.equal((await rejection(account.resetPassword({ token, password: "short" }))).code, "invalid_request");
  await account.resetPassword({ token, password: newPassword });
  assert.equal((await rejection(account.resetPassword({ token, password: newPassword }))).code, "invalid_code");
  assert.equal(client.user, null);
});

test("an address is verified by the code of a mail, and all tabs know", async () => {
  for (const options of TRANSPORTS) {
    const { account, client, other, user, network, codeOf } = await inTwoTabs(options);
    assert.equal(user.email_verified, false);
    await account.requestVerification();
    assert.equal(network.requests.at(-1).path, "/email/verify-request");
    await account.verifyEmail({ token: await codeOf("verify") });
    await settle();
    for (const tab of [client, other]) {
      assert.deepEqual(tab.user, { ...user, email_verified: true });
      assert.equal(tab.seen.at(-1).event, "refreshed");
    }
  }
});

test("another user's code verifies nothing", async () => {
  const [ada, grace] = [await inTwoTabs(), await inTwoTabs()];
  const error = await rejection(ada.account.verifyEmail({ token: await grace.codeOf("verify") }));
  assert.equal(error.code, "invalid_code");
  assert.equal((await ada.client.refresh()).email_verified, false);
});

test("nobody who is signed out verifies, renames, deletes or reads an account", async () => {
  const { account } = new Browser(service).tab();
  const calls = [
    () => account.requestVerification(),
    () => account.verifyEmail({ token: "x" }),
    () => account.changeEmail({ email: "x@example.com", currentPassword: "x" }),
    () => account.confirmEmail({ token: "x" }),
    () => account.changeName({ name: "Ada" }),
    () => account.deleteAccount({ currentPassword: "x" }),
    () => account.ownData(),
  ];
  for (const call of calls) assert.equal((await rejection(call())).code, "signed_out");
});

test("a name that is changed is the user's in all tabs", async () => {
  const { account, client, other, user } = await inTwoTabs();
  const ada = { ...user, name: "Ada King" };
  assert.deepEqual(await account.changeName({ name: "Ada King" }), ada);
  await settle();
  assert.deepEqual([client.user, other.user], [ada, ada]);
  const error = await rejection(account.changeName({ name: "" }));
  assert.equal(error.code, "invalid_request");
  assert.match(error.message, /^name /);
});

test("a change that is done is no failure when the refresh after it fails", async () => {
  const { account, client, network, user } = await inTwoTabs({ retry: { tries: 1 } });
  network.fails("/refresh");
  assert.equal((await account.changeName({ name: "Ada King" })).name, "Ada King");
  assert.deepEqual(client.user, user, "as the last token says");
  assert.equal((await client.refresh()).name, "Ada King");
});

test("a change whose token is refused is sent again after a refresh, once", async () => {
  const { account, network } = await inTwoTabs();
  network.spoils("/me");
  await account.changeName({ name: "Ada King" });
  assert.equal(network.count("/me"), 2);
  network.spoils("/me", 2);
  assert.equal((await rejection(account.changeName({ name: "Ada" }))).code, "invalid_token");
  assert.equal(network.count("/me"), 4);
});

test("a deleted account is signed out in all tabs, with what its device remembers of the session", async () => {
  for (const options of TRANSPORTS) {
    const { account, browser, client, network, other, person, user, bodies } = await inTwoTabs(options);
    await account.deleteAccount({ currentPassword: person.password });
    await settle();
    for (const [tab, elsewhere] of [[client, false], [other, true]]) {
      assert.deepEqual(tab.seen.at(-1), { event: "signedout", user, reason: "ended", elsewhere });
    }
    assert.ok(bodies("/me").at(-1).device_token);
    assert.equal(browser.session, undefined);
    if (options.transport) assert.equal(network.cookie(), undefined);
    assert.equal((await rejection(client.login(person))).code, "invalid_credentials");
    assert.equal((await client.register(person)).email, person.email);
  }
});

test("a page that has just been loaded deletes the account by its device token, and all tabs know", async () => {
  for (const options of TRANSPORTS) {
    const { browser, client, person, bodies } = await inTwoTabs(options);
    await browser.tab(options).account.deleteAccount({ currentPassword: person.password });
    await settle();
    assert.ok(bodies("/me").at(-1).device_token);
    assert.equal(client.seen.at(-1).reason, "ended");
  }
});

test("an account that is not deleted keeps its session", async () => {
  const { account, client, network, person, user } = await inTwoTabs();
  const error = await rejection(account.deleteAccount({ currentPassword: "a wrong guess" }));
  assert.deepEqual([error.code, error.status], ["invalid_credentials", 401]);
  network.answers("/me", 503, { error: "temporarily_unavailable" });
  assert.equal((await rejection(account.deleteAccount({ currentPassword: person.password }))).code, "temporarily_unavailable");
  network.fails("/me");
  assert.equal((await rejection(account.deleteAccount({ currentPassword: person.password }))).code, "network");
  assert.deepEqual(client.user, user);
  assert.deepEqual(await client.refresh(), user);
});

test("a deletion whose answer is lost is known with the next refresh", async () => {
  const { account, client, network, person } = await inTwoTabs();
  network.on("/me", lose);
  assert.equal((await rejection(account.deleteAccount({ currentPassword: person.password }))).code, "network");
  assert.ok(client.user);
  assert.equal((await rejection(client.refresh())).code, "signed_out");
});

test("who has signed in while the account was deleted stays signed in", async () => {
  const { account, client, network, person } = await inTwoTabs();
  const deletion = network.holdsAnswer("/me");
  const deleting = account.deleteAccount({ currentPassword: person.password });
  await deletion.arrived;
  const grace = await client.register(somebody());
  deletion.go();
  await deleting;
  assert.deepEqual(client.user, grace);
  assert.deepEqual(await client.refresh(), grace);
});

test("a user reads what is stored about them", async () => {
  const { account, client, user } = await inTwoTabs();
  const { account: stored, passkeys, sessions, server_time } = await account.ownData();
  const { created_at, email_verified_at, email_changed_at = [], former_emails = [], factors, ...rest } = stored;
  assert.deepEqual([factors, passkeys], [{ totp: null, recovery_codes_left: 0, passkeys: 0 }, []]);
  assert.deepEqual([rest, email_changed_at, former_emails], [user, [], []]);
  assert.ok(created_at <= server_time);
  assert.equal(email_verified_at, null);
  assert.deepEqual(sessions.map(({ id, current }) => [id, current]), [[client.status().sessionId, true]]);
});

test("a mistake of the caller sends nothing, and the service says what is missing", async () => {
  const { account, client, network } = await inTwoTabs();
  const before = network.requests.length;
  const methods = Object.keys(account).filter((name) => !["requestVerification", "ownData"].includes(name));
  assert.equal(methods.length, 10);
  for (const name of methods) assert.equal((await rejection(account[name]())).code, "invalid_argument", name);
  assert.equal(network.requests.length, before);
  const built = ["requestPasswordReset", "resetPassword", "verifyEmail", "register", "changeName", "deleteAccount"];
  for (const name of built) assert.equal((await rejection(account[name]({}))).code, "invalid_request", name);
  assert.ok(client.user);
  for (const wrong of [undefined, {}, { ...client }]) assert.throws(() => accountOf(wrong), { name: "RatchetError", code: "misconfigured" });
});

test("where the service sends no mail, what needs mail is not found, and the session goes on", async () => {
  const mailless = await startService({}, { mail: false });
  try {
    const { account, client, person, user } = await inTwoTabs({}, mailless);
    const calls = [
      () => account.requestPasswordReset(person),
      () => account.resetPassword({ token: "x", password: newPassword }),
      () => account.requestVerification(),
      () => account.verifyEmail({ token: "x" }),
      () => account.changeEmail({ email: somebody().email, currentPassword: person.password }),
      () => account.confirmEmail({ token: "x" }),
      () => account.undoEmail({ token: "x" }),
    ];
    for (const call of calls) {
      const { name, code, status } = await rejection(call());
      assert.deepEqual([name, code, status], ["RatchetError", "not_found", 404], String(call));
    }
    assert.deepEqual(await client.refresh(), user);
  } finally {
    await mailless.stop();
  }
});
