/** Second factors and passkeys on the page that the service itself has, from the form to the table. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { startBrowser } from "../package-tests/webdriver.js";
import { openOwnPage } from "./page-support.js";
import { somebody, startService } from "./support.js";

const TIME = { timeout: 120_000 };

let browser, service;
before(async () => void ([browser, service] = await Promise.all([startBrowser(), startService()])));
after(() => Promise.all([browser.quit(), service.stop()]));

/** The code that an app shows now (RFC 6238). */
function codeOf(secret) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret.replace(/\s/g, "")].map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac("sha1", key).update(counter).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** Unfolds all forms. A sign-out folds them again. */
const unfold = (page) => page.run("for (const part of document.querySelectorAll('#signed-in details')) part.open = true");

async function registered() {
  const page = await openOwnPage(browser, service);
  const person = somebody();
  await page.send("register", person);
  await page.until("!find('factors').hidden && !find('passkeys').hidden");
  await unfold(page);
  return { page, person };
}

test("an app is set up, asked for at the next sign-in, and removed", TIME, async (t) => {
  const { page, person } = await registered();
  t.after(() => page.press("sign-out"));
  const { email, password } = person;
  await page.press("check-confidential");
  assert.equal(await page.run("return find('proof').open"), true, "a second factor is asked for");
  await page.run("find('proof-cancel').click()");
  await page.send("enrol-totp", { current_password: password });
  await page.send("confirm-totp", { code: codeOf(await page.text("totp-secret")) });
  assert.equal(await page.text("status"), "The app is set up. All other sessions have ended.");
  const codes = await page.run("return [...find('recovery-code-list').children].map(({ textContent }) => textContent)");
  assert.equal(codes.length, 10);
  await page.press("sign-out");

  await page.send("login", { email, password });
  assert.equal(await page.run("return document.activeElement.id"), "login-factor");
  await page.send("login", { factor: "AAAA-AAAA-AAAA-AAAA" });
  assert.equal(await page.text("login-factor-error"), "The code is wrong, or was used before.");
  await page.send("login", { factor: codes[0].toLowerCase() });
  assert.equal(await page.text("user-email"), email);
  await page.until("find('recovery-state').textContent === '9 codes left'");
  await page.press("check-confidential");
  await page.until("!find('weather').hidden");

  await unfold(page);
  await page.send("remove-totp", { current_password: password });
  assert.equal(await page.run("return document.activeElement.id"), "remove-totp-factor");
  await page.send("remove-totp", { current_password: password, factor: codes[1] });
  assert.equal(await page.text("status"), "The app is removed. All other sessions have ended.");
  await page.press("sign-out");
  await page.send("login", { email, password });
  assert.equal(await page.text("user-email"), email);
});

test("a passkey is added, signs in by itself, and is removed without a password", TIME, async (t) => {
  const flags = { hasResidentKey: true, hasUserVerification: true, isUserConsenting: true, isUserVerified: true };
  const device = await browser.command("POST", "/webauthn/authenticator", { protocol: "ctap2", transport: "internal", ...flags });
  t.after(() => browser.command("DELETE", `/webauthn/authenticator/${device}`));
  const { page, person } = await registered();
  await page.send("add-passkey", { name: "My laptop", current_password: person.password });
  assert.equal(await page.text("status"), "My laptop is added. All other sessions have ended.");
  assert.match(await page.text("passkey-list"), /^My laptop.*not used yet/);
  await page.press("sign-out");
  await page.until("!find('signed-in').hidden");
  assert.equal(await page.text("user-email"), person.email);
  await page.until("find('access-claims').textContent.includes('\"hwk\",\"user\"') && !find('passkeys').hidden");

  await page.run("document.querySelector('#passkey-list button.danger').click()");
  await page.send("prove", {});
  await page.until("!find('proof').open");
  assert.equal(await page.text("status"), "The passkey is removed. All other sessions have ended.");
  assert.equal(await page.text("passkey-list"), "");
});
