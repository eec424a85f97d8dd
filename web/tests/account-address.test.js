/** Another address, at the real service: asked for, confirmed and taken back. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, mailTo, ORIGIN, rejection, settle, somebody, startService, withCookies } from "./support.js";

let service;
before(async () => void (service = await startService({ ALLOWED_ORIGIN: ORIGIN })));
after(() => service.stop());

const TRANSPORTS = [{}, { transport: "cookie" }];

/** Somebody in two tabs who has asked for another address. */
async function asked(options) {
  const browser = new Browser(service);
  if (options?.transport === "cookie") withCookies(browser.network);
  const [client, other] = [browser.tab(options), browser.tab(options)];
  const person = somebody();
  await client.register(person);
  await client.account.verifyEmail({ token: (await mailTo(service, person.email, "verify")).code });
  const user = client.user; // a proven address, which can be brought back
  await other.resume();
  const { email } = somebody();
  await client.account.changeEmail({ email, currentPassword: person.password });
  const codeOf = async (to, kind) => (await mailTo(service, to, kind)).code;
  return { client, other, account: client.account, person, user, email, codeOf };
}

test("an address changes by the code of the mail to the new one, in all tabs, and other sessions end", async () => {
  for (const options of TRANSPORTS) {
    const { account, client, other, person, user, email, codeOf } = await asked(options);
    const elsewhere = new Browser(service).tab();
    assert.equal((await elsewhere.login(person)).email, person.email, "the old address is in force");
    const before = client.status().sessionId;
    const moved = await account.confirmEmail({ token: await codeOf(email, "change_address") });
    assert.deepEqual(moved, { ...user, email, email_verified: true });
    await settle();
    for (const tab of [client, other]) {
      assert.deepEqual(tab.user, moved);
      assert.notEqual(tab.status().sessionId, before);
      assert.ok(tab.seen.every(({ event }) => event !== "signedout"));
      assert.deepEqual(await tab.refresh(), moved);
    }
    assert.equal((await rejection(elsewhere.refresh())).code, "signed_out");
    assert.equal((await rejection(elsewhere.login(person))).code, "invalid_credentials");
    assert.deepEqual(await elsewhere.login({ ...person, email }), moved);
  }
});

test("a wrong password or a code that does not work changes no address", async () => {
  const { account, client, email, user, codeOf } = await asked();
  const wrong = { email: somebody().email, currentPassword: "a wrong guess" };
  assert.equal((await rejection(account.changeEmail(wrong))).code, "invalid_credentials");
  assert.equal((await rejection(account.changeEmail({ ...wrong, email: "nobody" }))).code, "invalid_request");
  assert.equal((await rejection(account.confirmEmail({ token: "A".repeat(43) }))).code, "invalid_code");
  const stranger = new Browser(service).tab();
  await stranger.register(somebody());
  const token = await codeOf(email, "change_address");
  assert.equal((await rejection(stranger.account.confirmEmail({ token }))).code, "invalid_code");
  assert.deepEqual(await client.refresh(), user);
});

test("the old address comes back by the code of the mail to it, all sessions end, and a reset sets a password", async () => {
  const { account, client, other, person, user, email, codeOf } = await asked();
  await account.confirmEmail({ token: await codeOf(email, "change_address") });
  const token = await codeOf(person.email, "address_changed");
  await account.undoEmail({ token });
  await settle();
  for (const tab of [client, other]) {
    assert.equal(tab.user, null);
    assert.equal(tab.seen.at(-1).reason, "refused");
  }
  assert.equal((await rejection(account.undoEmail({ token }))).code, "invalid_code");
  assert.equal((await rejection(client.login(person))).code, "invalid_credentials");
  const password = "nanoseconds of copper wire";
  await account.resetPassword({ token: await codeOf(person.email, "reset"), password });
  assert.equal((await client.login({ ...person, password })).id, user.id);
});
