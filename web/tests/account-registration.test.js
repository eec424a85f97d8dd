/** Registration where the service wants the address proved before there is an account, and where it is closed. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, mailTo, ORIGIN, rejection, settle, somebody, startService, withCookies } from "./support.js";

const services = {};
before(async () => {
  for (const REGISTRATION of ["verified", "closed", "open"]) {
    services[REGISTRATION] = await startService({ REGISTRATION, ALLOWED_ORIGIN: ORIGIN, MAIL_INTERVAL_SECONDS: "1" });
  }
});
after(() => Promise.all(Object.values(services).map((service) => service.stop())));

/** Somebody who has registered, and waits for the mail. */
async function pending(options) {
  const browser = new Browser(services.verified);
  if (options?.transport === "cookie") withCookies(browser.network);
  const [client, other] = [browser.tab(options), browser.tab(options)];
  const person = somebody();
  const registration = await client.account.register(person);
  const codeOf = async () => (await mailTo(services.verified, person.email, "registration")).code;
  return { client, other, account: client.account, person, registration, codeOf };
}

test("a registration is pending until the mail's code is brought by the browser that registered", async () => {
  for (const options of [{}, { transport: "cookie" }]) {
    const { account, client, other, person, registration, codeOf } = await pending(options);
    assert.equal(registration.pending, true);
    assert.ok(registration.registrationToken && registration.expiresIn > 0);
    assert.deepEqual([client.user, client.seen], [null, []]);
    assert.equal((await rejection(client.login(person))).code, "invalid_credentials", "there is no account yet");
    const { registrationToken } = registration;
    const user = await account.confirmRegistration({ registrationToken, token: await codeOf() });
    assert.deepEqual(user, { id: user.id, name: person.name, email: person.email, email_verified: true, roles: [] });
    await settle();
    for (const tab of [client, other]) assert.deepEqual(await tab.refresh(), user);
  }
});

test("in another browser the code needs the address and the password", async () => {
  const { person, codeOf } = await pending();
  const elsewhere = new Browser(services.verified).tab();
  const { email, password } = person;
  const token = await codeOf();
  const wrong = { email, password: "a wrong guess", token };
  assert.equal((await rejection(elsewhere.account.confirmRegistration(wrong))).code, "invalid_credentials");
  assert.equal((await elsewhere.account.confirmRegistration({ email, password, token })).email, email);
  assert.ok(elsewhere.user);
});

test("one half alone makes no account", async () => {
  const [ada, grace] = [await pending(), await pending()];
  const { registrationToken } = ada.registration;
  const crossed = { registrationToken, token: await grace.codeOf() };
  assert.equal((await rejection(ada.account.confirmRegistration(crossed))).code, "invalid_code");
  assert.equal(ada.client.user, null);
});

test("a registration with a taken address looks like another one", async () => {
  const { account, registration, person, codeOf } = await pending();
  await account.confirmRegistration({ registrationToken: registration.registrationToken, token: await codeOf() });
  await new Promise((resolve) => setTimeout(resolve, 1_100)); // one such mail a second, here
  const again = await new Browser(services.verified).tab().account.register({ ...person, password: "another password of mine" });
  assert.deepEqual(Object.keys(again), Object.keys(registration));
  assert.equal((await mailTo(services.verified, person.email, "address_taken")).code, null);
});

test("an open registration is not pending, and a closed one is not found", async () => {
  const person = somebody();
  const client = new Browser(services.open).tab();
  const { pending: isPending, user } = await client.account.register(person);
  assert.equal(isPending, false);
  assert.deepEqual(client.user, user);
  const stranger = new Browser(services.open).tab();
  assert.equal((await rejection(stranger.account.register(person))).code, "email_taken");
  assert.equal((await rejection(new Browser(services.closed).tab().account.register(somebody()))).code, "not_found");
});
