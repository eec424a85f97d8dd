import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { newSession, rejection, signedInAt, startService } from "./support.js";

let service;
before(async () => void (service = await startService()));
after(() => service.stop());

const REQUIRED = {
  error: "mfa_required",
  error_description: "This account asks for a second factor too: send it with the password.",
  factors: ["totp", "recovery_code"],
};
const STEP_UP = 'Bearer error="insufficient_user_authentication", error_description="A second factor is needed."';

/** Somebody whose account has a second factor, as far as the answers to the routes go. */
const signedIn = () => signedInAt(service);

test("a sign-in without the second factor says which one is needed, and one with it sends it", async () => {
  const { client, network, person } = await signedIn();
  await client.logout();
  network.answers("/login", 401, REQUIRED);
  const error = await rejection(client.login(person));
  assert.deepEqual([error.code, error.factors, error.status], ["mfa_required", ["totp", "recovery_code"], 401]);
  assert.equal(client.user, null);
  network.on("/login", newSession(service, person), 2);
  await client.login({ ...person, totp: "123456" });
  await client.login({ ...person, recoveryCode: "ABCD-EFGH-JKMN-PQRS" });
  const [without, totp, recovery] = network.bodies("/login");
  assert.deepEqual([without.totp, without.recovery_code], [undefined, undefined]);
  assert.deepEqual([totp.totp, totp.recovery_code], ["123456", undefined]);
  assert.deepEqual([recovery.totp, recovery.recovery_code], [undefined, "ABCD-EFGH-JKMN-PQRS"]);
});

test("an error without factors has none", async () => {
  const { client, person } = await signedIn();
  const error = await rejection(client.login({ ...person, password: "a wrong guess" }));
  assert.deepEqual([error.code, error.factors], ["invalid_credentials", undefined]);
});

test("an app is enrolled with a proof, and confirmed with a code, after which this browser has the only session", async () => {
  const { browser, client, network, person } = await signedIn();
  const other = browser.tab();
  const before = client.status().sessionId;
  network.answers("/factors/totp", 200, { secret: "JBSWY3DPEHPK3PXP", uri: "otpauth://totp/x" });
  const enrolled = await client.factors.enrolTotp({ currentPassword: person.password });
  assert.deepEqual(enrolled, { secret: "JBSWY3DPEHPK3PXP", uri: "otpauth://totp/x" });
  const [asked] = network.bodies("/factors/totp");
  assert.equal(asked.current_password, person.password);
  assert.equal(typeof asked.device_token, "string");

  network.on("/factors/totp/confirm", newSession(service, person, { recovery_codes: ["AAAA-BBBB"] }));
  assert.deepEqual(await client.factors.confirmTotp({ code: "123456" }), { recoveryCodes: ["AAAA-BBBB"] });
  assert.equal(network.bodies("/factors/totp/confirm")[0].code, "123456");
  assert.notEqual(client.status().sessionId, before);
  assert.equal((await client.fetch("/weather")).status, 200);
  await other.resume();
  assert.equal(other.status().sessionId, client.status().sessionId);
  assert.equal(JSON.stringify([...browser.items.values()]).includes("AAAA-BBBB"), false, "recovery codes are not stored");
});

test("a code that does not work changes nothing", async () => {
  const { client, network } = await signedIn();
  const { sessionId } = client.status();
  network.answers("/factors/totp/confirm", 400, { error: "invalid_code", error_description: "The code does not work." });
  assert.equal((await rejection(client.factors.confirmTotp({ code: "000000" }))).code, "invalid_code");
  assert.equal(client.status().sessionId, sessionId);
  assert.equal((await client.fetch("/weather")).status, 200);
});

test("factors are listed, removed and recovery codes made anew, with a proof", async () => {
  const { client, network, person } = await signedIn();
  const list = { totp: { added_at: 1_700_000_000 }, recovery_codes_left: 8, passkeys: 0 };
  network.answers("/factors", 200, list);
  assert.deepEqual(await client.factors.list(), list);
  const proof = { currentPassword: person.password, totp: "123456" };
  network.answers("/factors/recovery-codes", 200, { recovery_codes: ["CCCC-DDDD"] });
  assert.deepEqual(await client.factors.newRecoveryCodes(proof), { recoveryCodes: ["CCCC-DDDD"] });
  network.answers("/factors/totp", 401, REQUIRED);
  assert.equal((await rejection(client.factors.removeTotp({ currentPassword: person.password }))).code, "mfa_required");
  network.on("/factors/totp", newSession(service, person));
  const { sessionId } = client.status();
  await client.factors.removeTotp(proof);
  const [, removal] = network.requests.filter(({ path }) => path === "/factors/totp");
  assert.equal(removal.method, "DELETE");
  assert.deepEqual(
    [JSON.parse(removal.body).current_password, JSON.parse(removal.body).totp],
    [person.password, "123456"],
  );
  assert.notEqual(client.status().sessionId, sessionId);
});

test("what changes the account sends a second factor too", async () => {
  const { client, network, person } = await signedIn();
  const proof = { currentPassword: person.password, totp: "123456" };
  network.on("/password", newSession(service, person));
  await client.changePassword({ ...proof, newPassword: "nanoseconds of copper wire" });
  network.answers("/email", 202, {});
  await client.account.changeEmail({ ...proof, email: "new@example.com" });
  network.answers("/me", 204, "");
  await client.account.deleteAccount(proof);
  for (const path of ["/password", "/email", "/me"]) {
    const [{ current_password, totp, recovery_code }] = network.bodies(path);
    assert.deepEqual([current_password, totp, recovery_code], [person.password, "123456", undefined], path);
  }
});

test("a protected route that asks for a second factor is a typed error, and nothing is refreshed", async () => {
  const { client, network } = await signedIn();
  const body = { error: "insufficient_user_authentication", error_description: "A second factor is needed." };
  const answers = [
    ["in the header", "", { "www-authenticate": STEP_UP }],
    ["in the body, where scripts can't read the header", body, {}],
    ["in both", body, { "www-authenticate": STEP_UP }],
  ];
  for (const [where, body, headers] of answers) {
    network.answers("/weather", 401, body, headers, 2);
    const error = await rejection(client.fetch("/weather"));
    assert.deepEqual([error.name, error.code, error.status], ["RatchetError", "insufficient_user_authentication", 401], where);
    const authorization = await client.authorize(`${service.url}/weather`);
    const response = new Response(JSON.stringify(body), { status: 401, headers });
    assert.equal(await authorization.renew(response), null, where);
  }
  assert.deepEqual([network.count("/weather"), network.count("/refresh")], [3, 0]);
  assert.notEqual(client.user, null);
});

test("a route that asks for a second factor after a refresh is asked twice, and no more", async () => {
  const { client, network } = await signedIn();
  network.spoils("/weather").answers("/weather", 401, "", { "www-authenticate": STEP_UP });
  assert.equal((await rejection(client.fetch("/weather"))).code, "insufficient_user_authentication");
  assert.deepEqual([network.count("/weather"), network.count("/refresh")], [2, 1]);
});
