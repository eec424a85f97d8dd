/** Passkeys on the page, with WebDriver's virtual authenticator: what the browser makes of the service's JSON, and back. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { startBrowser } from "../package-tests/webdriver.js";
import { withFactors } from "./factor-stubs.js";
import { openPage } from "./page-support.js";
import { newSession, somebody, startService } from "./support.js";

const TIME = { timeout: 120_000 };

let browser, service;
before(async () => void ([browser, service] = await Promise.all([startBrowser(), startService()])));
after(() => Promise.all([browser.quit(), service.stop()]));

const random = () => randomBytes(32).toString("base64url");
const decoded = (text) => JSON.parse(Buffer.from(text, "base64url"));

/** A device with a passkey store, which its user has unlocked, or not. Goes with the test. */
async function device(t, isUserVerified = true) {
  const flags = { hasResidentKey: true, hasUserVerification: true, isUserConsenting: true, isUserVerified };
  const options = { protocol: "ctap2", transport: "internal", ...flags };
  const id = await browser.command("POST", "/webauthn/authenticator", options);
  t.after(() => browser.command("DELETE", `/webauthn/authenticator/${id}`));
  return { credentials: () => browser.command("GET", `/webauthn/authenticator/${id}/credentials`) };
}

/** The page of a service with passkeys, which notes what it is sent, and somebody who has just registered. */
async function registered(t) {
  const person = somebody();
  const userId = randomBytes(16).toString("base64url");
  const sent = { challenges: [], creations: [], signIns: [] };
  const challenge = (public_key) => {
    sent.challenges.push(public_key.challenge);
    return Response.json({ challenge_id: `c${sent.challenges.length}`, public_key, expires_in: 300 });
  };
  const page = await openPage(t, browser, service, {
    ...withFactors(service, person),
    "POST /passkeys/creation-options": async () =>
      challenge({
        challenge: random(),
        rp: { id: "localhost", name: "Ratchet" },
        user: { id: userId, name: person.email, displayName: person.name },
        pubKeyCredParams: [{ type: "public-key", alg: -7 }],
        authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
        attestation: "none",
      }),
    "POST /passkeys": async (_send, body) => {
      sent.creations.push(JSON.parse(body));
      const passkey = { id: "AQID", name: sent.creations[0].name, created_at: 1, last_used_at: null, backed_up: false, transports: [] };
      return newSession(service, person, { passkey })();
    },
    "POST /passkeys/options": async () => challenge({ challenge: random(), rpId: "localhost", userVerification: "required" }),
    "POST /passkeys/sign-in": async (_send, body) => {
      sent.signIns.push(JSON.parse(body));
      return newSession(service, person)();
    },
  });
  await page.send("register", person);
  await page.until("!find('passkeys').hidden");
  return { page, person, userId, sent };
}

test("a passkey is made on the page, and signs in without an address, from the field and by its button", TIME, async (t) => {
  const { credentials } = await device(t);
  const { page, person, userId, sent } = await registered(t);
  await page.send("add-passkey", { name: "My laptop", current_password: person.password });
  assert.equal(await page.text("status"), "My laptop is added. All other sessions have ended.");
  const [creation] = sent.creations;
  const made = decoded(creation.credential.response.clientDataJSON);
  assert.deepEqual([made.type, made.challenge], ["webauthn.create", sent.challenges.at(-1)]);
  assert.deepEqual([creation.credential.type, typeof creation.credential.response.attestationObject], ["public-key", "string"]);
  assert.equal((await credentials()).length, 1);

  // The virtual authenticator chooses what the browser offers to fill in.
  await page.press("sign-out");
  await page.until("!find('signed-in').hidden");
  await page.run("PublicKeyCredential.isConditionalMediationAvailable = async () => false");
  await page.press("sign-out");
  await page.press("passkey-sign-in");
  await page.until("!find('signed-in').hidden");
  assert.equal(sent.signIns.length, 2, "one by the field, and one by the button");
  const [, { credential }] = sent.signIns;
  const given = decoded(credential.response.clientDataJSON);
  assert.equal(given.type, "webauthn.get");
  assert.ok(sent.challenges.includes(given.challenge));
  assert.deepEqual([credential.id, credential.response.userHandle], [creation.credential.id, userId]);
  assert.equal(await page.text("user-email"), person.email);
});

test("a device that its user does not unlock makes no passkey, and nobody is told off", TIME, async (t) => {
  const { credentials } = await device(t, false);
  const { page, person, sent } = await registered(t);
  await page.send("add-passkey", { name: "My laptop", current_password: person.password });
  assert.deepEqual([await page.text("alert"), await page.text("status")], ["", ""]);
  assert.deepEqual([await credentials(), sent.creations], [[], []]);
  assert.equal(await page.run("return find('signed-in').hidden"), false);
});

test("a device without a passkey signs nobody in", TIME, async (t) => {
  await device(t);
  const { page, sent } = await registered(t);
  await page.press("sign-out");
  await page.press("passkey-sign-in");
  assert.equal(await page.text("alert"), "");
  assert.equal(await page.run("return find('signed-out').hidden"), false);
  assert.deepEqual(sent.signIns, []);
});
