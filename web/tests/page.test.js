import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser } from "../package-tests/webdriver.js";
import { openPage } from "./page-support.js";
import { mailTo, operate, somebody, startService } from "./support.js";

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
  await page.send("use-code", {});
  assert.equal(page.count("POST /email/verify"), 1);
  assert.deepEqual([await page.text("status"), await page.text("alert")], ["Your address is verified.", ""]);
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
  assert.equal(await page.text("alert"), "The weather is not to be had: 503. Try again in 1 min 1 s.");

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
  for (const [asked, ask] of refused) {
    for (const [body, headers] of [[error, { "retry-after": "90" }], [{ ...error, retry_after: 90 }, {}]]) {
      page.answers(asked, 429, body, headers);
      await ask();
      assert.equal(await page.text("alert"), "There were too many attempts. Try again in 1 min 30 s. You are still signed in.", asked);
    }
    assert.equal(page.count(asked), 2);
  }
});
