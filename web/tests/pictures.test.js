/**
 * The page in each of its states and forms: axe-core finds nothing, nothing scrolls sideways, and a screenshot is left in the
 * directory that PICTURES names, target/pictures otherwise.
 */
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { startBrowser } from "../package-tests/webdriver.js";
import { withFactors } from "./factor-stubs.js";
import { openPage } from "./page-support.js";
import { somebody, startService } from "./support.js";

const TIME = { timeout: 300_000 };
const pictures = new URL(`${process.env.PICTURES ?? "target/pictures"}/`, new URL("../../", import.meta.url));
const axe = await readFile(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

/** What the page is looked at in. `zoom` is the browser's own: the window has as many pixels as before, each twice as large. */
const FORMS = [
  { form: "light", scheme: "light", width: 1280, height: 900 },
  { form: "dark", scheme: "dark", width: 1280, height: 900 },
  { form: "phone", scheme: "light", width: 390, height: 844 },
  { form: "phone-dark", scheme: "dark", width: 320, height: 640 },
  { form: "zoom", scheme: "light", width: 640, height: 450, zoom: 2 },
];

let browser, service;
before(async () => {
  [browser, service] = await Promise.all([startBrowser(), startService()]);
  await mkdir(pictures, { recursive: true });
});
after(() => Promise.all([browser.quit(), service.stop()]));

const fault = { error: "too_many_attempts", error_description: "There were too many attempts." };
const unfold = (id) => `find("${id}").closest("details").open = true;`;

/** Each state, and how the page comes into it. Those that begin with `in:` are of somebody who is signed in. */
const STATES = {
  "sign-in": () => {},
  "create-account": (page) => page.run("find('register-tab').click()"),
  "strength": async (page) => {
    page.answers("POST /_password-check", 200, { problem: "is too easy to guess: this is a very common password. Add another word or two" });
    await page.run("find('register-tab').click(); find('register-password').value = 'password1'; find('register-password').dispatchEvent(new Event('input'))");
    await page.until("document.querySelector('.hint.bad')");
  },
  "refused": (page) => page.send("login", { email: "ada@example.com", password: "a wrong guess" }),
  "too-many": async (page) => {
    page.answers("POST /login", 429, fault, { "retry-after": "90" });
    await page.send("login", { email: "ada@example.com", password: "a wrong guess" });
  },
  "code": async (page) => {
    page.answers("POST /login", 401, { error: "mfa_required", error_description: "Send a second factor too.", factors: ["totp"] });
    await page.send("login", { email: "ada@example.com", password: "velvet orbit tangle" });
  },
  "forgotten": (page) => page.run(unfold("forgot")),
  "link": (page) => page.openLink("reset", "code"),
  "in: signed-in": () => {},
  "in: weather": (page) => page.press("check-weather"),
  "in: repeated": async (page) => {
    await page.press("spoil-token");
    await page.press("check-weather");
  },
  "in: failed": async (page) => {
    page.answers("GET /weather", 503, {}, { "retry-after": "61" });
    await page.press("check-weather");
  },
  "in: sessions": (page) => page.press("list-sessions"),
  "in: account": (page) => page.run("for (const part of document.querySelectorAll('#signed-in details')) part.open = true"),
  "in: factors": (page) => page.run(unfold("enrol-totp") + unfold("new-recovery-codes")),
  "in: enrolling": async (page) => {
    await page.run(unfold("confirm-totp"));
    await page.send("enrol-totp", { current_password: "velvet orbit tangle" });
    await page.run("find('factors').scrollIntoView()");
  },
  "in: recovery-codes": async (page) => {
    await page.run(unfold("confirm-totp"));
    await page.send("enrol-totp", { current_password: "velvet orbit tangle" });
    await page.send("confirm-totp", { code: "123456" });
  },
  "in: passkeys": (page) => page.run(unfold("add-passkey")),
  "in: removing": (page) => page.run("document.querySelector('#passkey-list button.danger').click()"),
  "in: step-up": async (page) => {
    page.answers("GET /weather", 401, "", { "www-authenticate": 'Bearer error="insufficient_user_authentication"' });
    await page.press("check-weather");
  },
  "in: asking": (page) => page.run("find('sign-out-everywhere').click()"),
  "in: expired": async (page) => {
    page.answers("POST /refresh", 400, { error: "invalid_grant", error_description: "The refresh token is not valid." });
    await page.press("clear-token");
    await page.press("check-weather");
    await page.until("!find('signed-out').hidden");
  },
};

async function look(name, { form, scheme, width, height, zoom = 1 }) {
  // Without motion: on a busy machine axe would find colours that are on their way from one scheme to the other.
  const features = [
    { name: "prefers-color-scheme", value: scheme },
    { name: "prefers-reduced-motion", value: "reduce" },
  ];
  await browser.devtools("Emulation.setEmulatedMedia", { features });
  await browser.devtools("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: zoom, mobile: width < 500 });
  const violations = await browser.run(`${axe}; const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => [id, ...nodes.map(({ html, failureSummary }) => html + failureSummary)])`);
  assert.deepEqual(violations, [], `${name} ${form}`);
  const isWider = await browser.run("return document.documentElement.scrollWidth > document.documentElement.clientWidth");
  assert.equal(isWider, false, `${name} scrolls sideways in the form ${form}`);
  const { contentSize } = await browser.devtools("Page.getLayoutMetrics", {});
  const clip = { x: 0, y: 0, width, height: Math.max(height, Math.ceil(contentSize.height / zoom)), scale: 1 };
  const { data } = await browser.devtools("Page.captureScreenshot", { format: "png", captureBeyondViewport: true, clip });
  await writeFile(new URL(`${name}-${form}.png`, pictures), Buffer.from(data, "base64"));
}

for (const [state, enter] of Object.entries(STATES)) {
  const [name, isIn] = [state.replace("in: ", ""), state.startsWith("in: ")];
  test(`axe-core finds nothing in the state ${name}, in light, dark, on a phone and at 200 %`, TIME, async (t) => {
    const person = somebody();
    const page = await openPage(t, browser, service, withFactors(service, person));
    if (isIn) {
      await page.send("register", person);
      await page.until("!find('factors').hidden && !find('passkeys').hidden");
    }
    await enter(page);
    for (const form of FORMS) await look(name, form);
  });
}
