import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser } from "../package-tests/webdriver.js";
import { withFactors } from "./factor-stubs.js";
import { openPage } from "./page-support.js";
import { Browser, mailTo, operate, somebody, startService } from "./support.js";

const TIME = { timeout: 120_000 };

let browser, service, mailless;
before(async () => {
  [browser, service, mailless] = await Promise.all([startBrowser(), startService(), startService({}, { mail: false })]);
});
after(() => Promise.all([browser.quit(), service.stop(), mailless.stop()]));

/** The page, with somebody who has just registered. */
async function registered(t, where = service) {
  const page = await openPage(t, browser, where);
  const person = somebody();
  await page.send("register", person);
  assert.equal(await page.text("user-email"), person.email);
  return { page, person };
}

test("a code is sent once, however often its button is pressed", TIME, async (t) => {
  const { page, person } = await registered(t);
  await page.openLink("verify", (await mailTo(service, person.email, "verify")).code);
  await page.until("!find('link').hidden");
  const held = page.holds("POST /email/verify");
  await page.run("for (let n = 2; n > 0; n -= 1) find('use-code-button').click()");
  await held.arrived;
  assert.equal(await page.run("return find('use-code-button').disabled"), true, "disabled meanwhile");
  await page.run("find('use-code-button').click(); find('use-code').requestSubmit()");
  held.go();
  await page.until("find('link').hidden");
  assert.deepEqual([await page.text("status"), await page.text("alert")], ["Your address is verified.", ""]);
  await page.send("use-code", {});
  assert.equal(page.count("POST /email/verify"), 1);
  assert.equal(await page.run("return find('use-code-button').disabled"), false);
});

test("the focus is on the button again when its work is done, or on what has taken its place", TIME, async (t) => {
  const { page, person } = await registered(t);
  // Until the next picture is drawn: then a disabled button has lost the focus.
  const slowly = async (asked, ask) => {
    const held = page.holds(asked);
    const asking = ask();
    await held.arrived;
    await new Promise((resolve) => setTimeout(resolve, 200));
    held.go();
    await asking;
    return page.run("return document.activeElement.id");
  };
  page.answers("GET /weather", 503, {}, { "retry-after": "61" });
  await page.run("find('check-weather').focus()");
  assert.equal(await slowly("GET /weather", () => page.press("check-weather")), "check-weather");
  assert.match(await page.text("alert"), /^The weather is not available: 503\. Try again in (1 min( 1 s)?|\d+ s)\.$/);

  await page.press("sign-out");
  await page.run("find('login').querySelector('button').focus()");
  const { email, password } = person;
  assert.equal(await slowly("POST /login", () => page.send("login", { email, password })), "signed-in-title");
});

test("roles and claims are shown as the last refresh has them", TIME, async (t) => {
  const { page, person } = await registered(t);
  const shown = async () => [await page.text("user-roles"), await page.text("user-claims"), await page.run("return find('claims').hidden")];
  assert.deepEqual(await shown(), ["none", "", true]);
  await operate(service, "user", "set-roles", person.email, "admin", "editor");
  await operate(service, "user", "set-claims", person.email, '{"plan":"<b>gold</b>","seats":3}');
  await page.press("clear-token");
  await page.press("check-weather");
  assert.deepEqual(await shown(), ["admin, editor", 'plan: "<b>gold</b>", seats: 3', false]);
  await operate(service, "user", "set-roles", person.email);
  await operate(service, "user", "set-claims", person.email, "{}");
  await page.press("clear-token");
  await page.press("check-weather");
  assert.deepEqual(await shown(), ["none", "", true]);
});

test("a service without mail is said to have none", TIME, async (t) => {
  const { page, person } = await registered(t, mailless);
  const none = "This service sends no mail. You are still signed in.";
  await page.press("send-verification");
  assert.equal(await page.text("alert"), none);
  await page.send("change-email", { new_email: somebody().email, current_password: person.password });
  assert.equal(await page.text("alert"), none);
  await page.press("sign-out");
  await page.send("forgot", { email: person.email });
  assert.equal(await page.text("alert"), "This service sends no mail.");
  page.answers("POST /register", 404, { error: "not_found", error_description: "There is no such route." });
  await page.send("register", somebody());
  assert.equal(await page.text("alert"), "This service takes no registrations.");
});

test("a refusal for too many requests says when to try again", TIME, async (t) => {
  const { page, person } = await registered(t);
  const password = { current_password: person.password };
  const refused = [
    ["DELETE /me", () => page.send("delete-account", password)],
    ["PATCH /me", () => page.send("change-name", { name: "Ada King" })],
    ["POST /email", () => page.send("change-email", { new_email: somebody().email, ...password })],
    ["POST /password", () => page.send("change-password", { ...password, new_password: "nanoseconds of copper wire" })],
    ["POST /email/verify-request", () => page.press("send-verification")],
    ["GET /me/data", () => page.press("show-data")],
    ["GET /sessions", () => page.press("list-sessions")],
  ];
  const error = { error: "too_many_attempts", error_description: "There were too many attempts." };
  const answers = [[error, { "retry-after": "90" }], [{ ...error, retry_after: 90 }, {}]];
  const held = "return document.querySelectorAll('[aria-disabled=true]').length";
  for (const [index, [asked, ask]] of refused.entries()) {
    const before = page.count(asked);
    page.answers(asked, 429, ...answers[index % 2]);
    await ask();
    const said = /^There were too many attempts\. Try again in 1 min( \d+ s)?\. You are still signed in\.$/;
    assert.match(await page.text("alert"), said, asked);
    assert.equal(await page.run(held), 1, asked);
    await ask();
    assert.equal(page.count(asked), before + 1, "its button is held meanwhile");
  }
  await page.press("check-weather");
  assert.equal(await page.run(held), 0, "no button is held without a message that says so");
});

test("the time to wait counts down, is not read aloud each second, and its end is", TIME, async (t) => {
  const { page } = await registered(t);
  page.answers("GET /weather", 503, {}, { "retry-after": "2" });
  await page.press("check-weather");
  assert.equal(await page.run("return document.querySelector('[role=alert] .wait').getAttribute('aria-live')"), "off");
  await page.until("[...document.querySelectorAll('[role=status]')].some(({ textContent }) => textContent === 'You can try again now.')");
  assert.equal(await page.text("alert"), "");
  assert.equal(await page.run("return find('check-weather').hasAttribute('aria-disabled')"), false);
});

test("an account that must wait keeps nobody from signing in to another", TIME, async (t) => {
  const { page, person } = await registered(t);
  await page.press("sign-out");
  page.answers("POST /login", 429, { error: "too_many_attempts", error_description: "There were too many attempts." }, { "retry-after": "90" });
  await page.send("login", { email: "grace@example.com", password: "a wrong guess" });
  page.stands("POST /login", (send) => send());
  await page.run("find('login-email').dispatchEvent(new Event('input'))");
  await page.send("login", { email: person.email, password: person.password });
  assert.equal(await page.text("user-email"), person.email);
});

test("sessions are listed as somebody signs in, and the link of a mail names the address", TIME, async (t) => {
  const { page, person } = await registered(t);
  await page.until("find('sessions').children.length === 1");
  assert.deepEqual([await page.text("status"), await page.text("alert")], ["", ""], "nobody has asked");
  await page.openLink("verify", "code");
  await page.until("!find('link').hidden");
  assert.equal(await page.text("link-title"), `Is ${person.email} your address?`);
  await page.press("sign-out");
  assert.equal(await page.text("link-title"), "Is this your address?");
});

test("what is said stands where somebody acted, in the place of what was said before", TIME, async (t) => {
  const { page, person } = await registered(t);
  const places = "return [...document.querySelectorAll('.messages p:not(:empty)')].map((said) => said.closest('form, .card, #welcome').id || said.closest('[aria-labelledby]').getAttribute('aria-labelledby'))";
  await page.press("check-weather");
  assert.deepEqual(await page.run(places), ["weather-title"]);
  await page.press("list-sessions");
  assert.deepEqual(await page.run(places), ["sessions-title"]);
  await page.send("change-name", { name: "Ada King" });
  assert.deepEqual([await page.run(places), await page.text("status")], [["change-name"], "Your name is Ada King now."]);
  await page.run("find('register-tab').click()");
  await page.press("sign-out");
  assert.equal(await page.run("return find('login-panel').hidden"), false, "whoever has an account signs in next");
  assert.deepEqual(await page.run(places), ["signed-out"]);
  await page.send("login", { email: person.email, password: person.password });
  assert.deepEqual(await page.run(places), [], "a new session begins without");
});

test("the end of another session is said where it was asked for, though its button is gone", TIME, async (t) => {
  const { page, person } = await registered(t);
  await new Browser(service).tab().login(person);
  await page.press("list-sessions");
  await page.run("document.querySelector('#sessions [aria-label^=\"End the session of\"]').click()");
  const said = "document.querySelector('#sessions-title ~ .messages [role=status]').textContent";
  await page.until(`${said} === 'The session has ended.'`);
  assert.equal(await page.run("return find('sessions').children.length"), 1);
});

test("tabs are chosen with the arrow keys, and each password can be shown until it is sent", TIME, async (t) => {
  const page = await openPage(t, browser, service);
  const press = (key) => page.run(`document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "${key}", bubbles: true })); return document.activeElement.id`);
  await page.run("find('login-tab').focus()");
  assert.equal(await press("ArrowRight"), "register-tab");
  assert.deepEqual(await page.run("return [find('login-panel').hidden, find('register-panel').hidden]"), [true, false]);
  assert.equal(await press("Home"), "login-tab");
  const typeOf = () => page.run("return find('login-password').type");
  await page.run("find('login').querySelector('.reveal').click()");
  assert.equal(await typeOf(), "text");
  await page.send("login", { email: "ada@example.com", password: "a wrong guess" });
  assert.equal(await typeOf(), "password");
});

test("a new password is judged while it is typed, as the service judges it", TIME, async (t) => {
  const page = await openPage(t, browser, service);
  const type = (password) => page.run(`const input = find("register-password"); input.value = "${password}"; input.dispatchEvent(new Event("input"))`);
  await type("short");
  await page.until("find('register-password-hint').textContent === 'It must be at least 8 characters long.'");
  await type("password1");
  await page.until("find('register-password-hint').textContent.startsWith('It is too easy to guess')");
  const hint = (await page.text("register-password-hint")).replace(/^It /, "Password ").replace(/\.$/, "");
  await page.send("register", { ...somebody(), password: "password1" });
  assert.ok((await page.text("register-password-error")).startsWith(hint), hint);
  await type("velvet orbit tangle");
  await page.until("find('register-password-hint').classList.contains('good')");
  assert.equal(page.count("POST /register"), 1, "a hint sends no form");
});

test("the tabs are of one width, and tell which is chosen where colours are forced", TIME, async (t) => {
  // Without motion no colour is still on its way.
  const emulate = (...features) => browser.devtools("Emulation.setEmulatedMedia", { features });
  t.after(() => emulate());
  const page = await openPage(t, browser, service);
  const tabs = (what) => page.run(`return ['login-tab', 'register-tab'].map((id) => find(id)).map((tab) => ${what})`);
  const [first, second] = await tabs("Math.round(tab.getBoundingClientRect().width)");
  assert.ok(Math.abs(first - second) <= 1, `${first} and ${second} pixels`);
  await emulate({ name: "forced-colors", value: "active" }, { name: "prefers-reduced-motion", value: "reduce" });
  const highlight = await page.run(`
    const probe = document.body.appendChild(document.createElement("p"));
    Object.assign(probe.style, { forcedColorAdjust: "none", backgroundColor: "Highlight" });
    return getComputedStyle(probe).backgroundColor`);
  const [chosen, other] = await tabs("getComputedStyle(tab).backgroundColor");
  assert.equal(chosen, highlight);
  assert.notEqual(other, highlight);
});

test("what comes after a button stands apart from it, and a phone has sessions before folded tokens", TIME, async (t) => {
  const size = (width) => browser.devtools("Emulation.setDeviceMetricsOverride", { width, height: 800, deviceScaleFactor: 1, mobile: false });
  t.after(() => browser.devtools("Emulation.clearDeviceMetricsOverride", {}));
  await size(1280);
  const { page } = await registered(t);
  const isFolded = () => page.run("return [...document.querySelectorAll('.of-token')].map((part) => !part.open)");
  assert.deepEqual(await isFolded(), [false, false]);
  await page.until("find('sessions').children.length === 1");
  await page.run("find('weather').hidden = find('own-data').hidden = false; find('own-data').closest('details').open = true");
  const gaps = "['sessions', 'weather', 'own-data'].map((id) => find(id).getBoundingClientRect().top - find(id).previousElementSibling.getBoundingClientRect().bottom)";
  for (const gap of await page.run(`return ${gaps}`)) assert.ok(gap >= 10, `${gap} pixels`);
  await size(390);
  await page.until("!document.querySelector('.of-token[open]')");
  assert.equal(await page.run("return getComputedStyle(find('requests')).maxHeight"), "none");
  assert.ok(await page.run("return find('tokens-title').getBoundingClientRect().top > find('sessions').getBoundingClientRect().bottom"));
});

test("a device is named by its browser and its system", async () => {
  const { deviceName } = await import("../page/devices.js");
  const names = {
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36": "Chrome on Linux",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0": "Edge on Windows",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1": "Safari on iPhone",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0": "Firefox on macOS",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36": "Chrome on Android",
    "curl/8.5.0": "curl",
    "": "An unknown device",
  };
  for (const [userAgent, name] of Object.entries(names)) assert.equal(deviceName(userAgent), name);
});

test("an account with a second factor is asked for its code, and a wrong one is said at its field", TIME, async (t) => {
  const { page, person } = await registered(t);
  await page.press("sign-out");
  const required = { error: "mfa_required", error_description: "Send a second factor too.", factors: ["totp"] };
  const sent = [];
  page.stands("POST /login", async (send, body) => {
    sent.push(JSON.parse(body));
    if (sent.length === 1) return Response.json(required, { status: 401 });
    if (sent.length === 2) return Response.json({ error: "invalid_credentials", error_description: "No." }, { status: 401 });
    return send();
  });
  const { email, password } = person;
  await page.send("login", { email, password });
  assert.equal(await page.run("return document.activeElement.id"), "login-factor");
  assert.equal(await page.text("login-factor-error"), "", "it is a question, no error");
  await page.send("login", { factor: "123 456" });
  assert.equal(await page.text("login-factor-error"), "The code is wrong, or was used before.");
  await page.send("login", { factor: "7K2M-9QXR-4TBN-V8WD" });
  assert.equal(await page.text("user-email"), email);
  assert.deepEqual(sent.map(({ totp, recovery_code }) => totp ?? recovery_code), [undefined, "123456", "7K2M-9QXR-4TBN-V8WD"]);
  assert.equal(await page.run("return find('login-factor').closest('.field').hidden"), true, "the next sign-in begins anew");
});

/** The page of somebody who has just registered at a service with second factors and passkeys. */
async function withAll(t) {
  const person = somebody();
  const page = await openPage(t, browser, service, withFactors(service, person));
  await page.send("register", person);
  await page.until("!find('factors').hidden && !find('passkeys').hidden");
  return { page, person };
}

test("an app is set up with a QR code that is drawn here, and removed with a code", TIME, async (t) => {
  const { page, person } = await withAll(t);
  assert.equal(await page.text("totp-state"), "Not set up");
  await page.run("for (const part of find('factors').querySelectorAll('details')) part.open = true");
  await page.send("enrol-totp", { current_password: person.password });
  assert.equal(await page.text("totp-secret"), "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP");
  assert.match(await page.run("return find('totp-link').href"), /^otpauth:\/\/totp\//);
  assert.equal(await page.run("return document.activeElement.id"), "confirm-totp-code");
  const modules = await page.run("return find('qr-code').querySelector('path').getAttribute('d').split('M').length - 1");
  assert.ok(modules > 200, `${modules} dark modules`);
  await page.send("confirm-totp", { code: "000000" });
  assert.equal(await page.text("confirm-totp-code-error"), "The code does not work.");
  await page.send("confirm-totp", { code: "123 456" });
  assert.equal(await page.text("status"), "The app is set up. All other sessions have ended.");
  const place = "find('factors-title').parentElement.querySelector(':scope > .messages [role=status]').textContent";
  assert.equal(await page.run(`return ${place}`), "The app is set up. All other sessions have ended.", "its form is gone");
  assert.equal(await page.run("return find('recovery-code-list').children.length"), 5);
  assert.equal(await page.run("return document.activeElement.id"), "recovery-codes");
  assert.equal(await page.text("totp-secret"), "", "the secret is gone from the page");
  await page.press("codes-kept");
  assert.equal(await page.text("recovery-code-list"), "");
  await page.send("remove-totp", { current_password: person.password });
  assert.equal(await page.run("return document.activeElement.id"), "remove-totp-factor", "a code is asked for");
  await page.send("remove-totp", { current_password: person.password, factor: "123456" });
  assert.equal(await page.text("status"), "The app is removed. All other sessions have ended.");
  assert.equal(await page.run("return find('totp-removal').hidden"), true);
});

test("passkeys are listed, renamed and removed in a dialog", TIME, async (t) => {
  const { page, person } = await withAll(t);
  const press = (name) => page.run(`[...find("passkey-list").querySelectorAll("button")].find((button) => button.ariaLabel === "${name}").click()`);
  await press("Rename Ada's phone");
  assert.deepEqual(await page.run("return [find('proof').open, find('prove-name').value, document.activeElement.id]"), [true, "Ada's phone", "prove-name"]);
  await page.send("prove", { name: "Phone" });
  await page.until("!find('proof').open");
  assert.equal(await page.text("status"), "The passkey has another name.");
  await press("Remove Phone");
  await page.run("find('proof-cancel').click()");
  assert.equal(await page.run("return find('passkey-list').children.length"), 2);
  await press("Remove Phone");
  await page.send("prove", { current_password: person.password });
  await page.until("!find('proof').open");
  assert.equal(await page.text("status"), "The passkey is removed. All other sessions have ended.");
  assert.equal(await page.run("return find('passkey-list').children.length"), 1);
  assert.equal(await page.run("return document.activeElement.id"), "passkeys-title");
});

test("a route that asks for more proof gets it, and is asked again", TIME, async (t) => {
  const { page, person } = await registered(t);
  page.answers("GET /weather", 401, "", { "www-authenticate": 'Bearer error="insufficient_user_authentication"' });
  await page.press("check-weather");
  assert.equal(await page.run("return find('proof').open"), true);
  assert.equal(page.count("POST /refresh"), 0);
  page.stands("GET /weather", (send) => send());
  await page.send("prove", { current_password: person.password });
  await page.until("!find('weather').hidden");
  assert.deepEqual([page.count("GET /weather"), page.count("POST /login")], [2, 1]);
  assert.equal(await page.run("return document.activeElement.id"), "weather-title");
});

test("whoever comes next finds nothing that the user before has typed or was shown", TIME, async (t) => {
  const { page } = await registered(t);
  await page.press("check-weather");
  await page.press("show-data");
  await page.run(`
    for (const part of document.querySelectorAll("details")) part.open = true;
    for (const input of document.querySelectorAll("input")) input.value = "velvet orbit tangle";
    find("change-password").querySelector(".reveal").click();
    find("proof").showModal();`);
  await page.press("sign-out");
  const left = () => page.run(`
    const open = [...document.querySelectorAll("details:not(.of-token), dialog")].filter((part) => part.open);
    const filled = [...document.querySelectorAll("input")].filter((input) => input.value || !["password", "text", "email"].includes(input.type));
    const revealed = document.querySelectorAll(".reveal[aria-pressed=true]");
    const rows = ["own-data", "sessions", "requests"].flatMap((id) => [...find(id).childNodes]);
    // The page of nobody lets the browser fill in a passkey.
    const theirs = rows.filter((row) => !row.textContent.includes("/passkeys/options"));
    return [open, filled, [...revealed], theirs, [...document.querySelectorAll("#weather td")]].map((found) => found.map((part) => part.id || part.nodeName))`);
  assert.deepEqual(await left(), [[], [], [], [], []]);
  const next = somebody();
  await page.send("login", { email: next.email, password: "a wrong guess" });
  assert.notEqual(await page.text("login-password-error"), "");
  await page.send("register", next);
  assert.equal(await page.text("login-password-error"), "");
  const [open, filled] = await left();
  assert.deepEqual([open, filled], [[], []]);
  assert.match(await page.text("requests"), /You pressed “Create account”/, "the log of a sign-in is that of whoever signs in");
});

test("a service without second factors and passkeys shows nothing of them", TIME, async (t) => {
  const page = await openPage(t, browser, service, {
    "GET /.well-known/openid-configuration": async (send) => {
      const metadata = await (await send()).json();
      return Response.json({ ...metadata, ratchet_totp_enabled: false, ratchet_passkeys_enabled: false });
    },
  });
  await page.send("register", somebody());
  await page.press("check-weather");
  assert.deepEqual(await page.run("return ['factors', 'passkeys', 'passkey-offer'].map((id) => find(id).hidden)"), [true, true, true]);
  for (const asked of ["GET /factors", "GET /passkeys", "POST /passkeys/options"]) assert.equal(page.count(asked), 0, asked);
});

test("tokens are decoded, and of a refresh token nothing is shown that makes it a secret", async () => {
  const { decodeAccessToken, decodeRefreshToken } = await import("../page/decode.js");
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const token = [part({ typ: "at+jwt", alg: "ES256", kid: "k" }), part({ sub: "u", exp: 1_700_000_000, name: "Åda", tier: "gold" }), "sig"].join(".");
  const pairs = Object.fromEntries(decodeAccessToken(token));
  assert.deepEqual([pairs["typ, alg"], pairs.kid, pairs.name], ["at+jwt, ES256", "k", "Åda"]);
  assert.match(pairs.exp, /^1700000000 \(/);
  assert.equal(pairs.tier, "gold");
  const bytes = Buffer.alloc(64, 0xab);
  bytes.writeUIntBE(0x000102, 33, 3);
  const parts = Object.fromEntries(decodeRefreshToken(bytes.toString("base64url")));
  assert.equal(parts["user id"], "abababab-abab-abab-abab-abababababab");
  assert.match(parts.generation, /^258:/);
  assert.equal(JSON.stringify(parts).includes(bytes.toString("base64url").slice(50)), false);
});

test("a session that has expired leads to the address of the sign-in, and says why", TIME, async (t) => {
  const { page } = await registered(t);
  const path = () => page.run("return location.pathname");
  assert.equal(await path(), "/");
  page.answers("POST /refresh", 400, { error: "invalid_grant", error_description: "The refresh token is not valid." });
  await page.press("clear-token");
  await page.press("check-weather");
  await page.until("!find('signed-out').hidden");
  assert.equal(await path(), "/login");
  assert.match(await page.text("alert"), /^Your session expired/);
});
