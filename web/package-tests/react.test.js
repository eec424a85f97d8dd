import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { somebody, startService } from "../tests/support.js";
import { API, openPage, signInWith, until } from "./support.js";

const TIME = { timeout: 60_000 };

let service;
before(async () => void (service = await startService()));
after(() => service.stop());

/** A browser in which a session may be stored. React sends forms with the browser's own FormData. */
function open(stored = []) {
  const page = openPage(service?.url, '<div id="root"></div>', ["FormData"]);
  for (const [name, value] of stored) page.window.localStorage.setItem(name, value);
  return page;
}

open(); // React looks at the browser when it is loaded
const { createElement } = await import("react");
const { renderToString } = await import("react-dom/server");
const { default: App } = await import("./build/App.js");
const { RatchetProvider } = await import("@ratchet-auth/client/react");
const { createClient } = await import("@ratchet-auth/client");

let starts = 0;
/** Loads `main.tsx`, as each page does for itself. */
const start = () => import(`./build/main.js?${(starts += 1)}`);

const days = ({ body }) => body.textContent.match(/°C/g)?.length;

/** Has somebody registered, and returns them with what a browser keeps of their session. */
async function registered() {
  const page = open();
  const person = somebody();
  const client = createClient({ baseUrl: API, storage: "local" });
  await client.register(person);
  client.close();
  return { person, stored: Object.entries(page.window.localStorage) };
}

test("the app shows the form, the weather after a sign-in, and the form after a sign-out", TIME, async () => {
  const { person } = await registered();
  const page = open();
  await start();
  await until(() => page.find("form"));
  signInWith(page, { ...person, password: "wrong" });
  await until(() => page.find("[role=alert]").textContent === "The email or the password is wrong.");
  signInWith(page, person);
  await until(() => days(page) === 5);
  assert.match(page.body.textContent, /Ada Lovelace/);
  page.find("button").click();
  await until(() => page.find("form"));
});

test("a session that was kept is taken up, and its end brings the form back", TIME, async () => {
  const { stored } = await registered();
  const page = open(stored);
  page.network.spoils("/weather").answers("/refresh", 400, { error: "invalid_grant" });
  await start();
  await until(() => page.body.textContent.includes("Ada Lovelace"));
  await until(() => page.find("form"));
  assert.equal(page.network.count("/refresh"), 1);
});

test("when another user signs in the weather is asked for in their name", TIME, async () => {
  const { stored } = await registered();
  const page = open(stored);
  await start();
  await until(() => days(page) === 5);
  const elsewhere = createClient({ baseUrl: API, storage: "local" });
  await elsewhere.register({ ...somebody(), name: "Grace Hopper" });
  elsewhere.close();
  await until(() => page.body.textContent.includes("Grace Hopper") && days(page) === 5);
  await until(() => page.network.count("/weather") === 2);
});

test("a token that is refused is refreshed, and the weather comes", TIME, async () => {
  const { stored } = await registered();
  const page = open(stored);
  page.network.spoils("/weather");
  await start();
  await until(() => days(page) === 5);
  assert.equal(page.network.count("/refresh"), 1);
});

test("a service that is busy signs nobody out, and the page says so", TIME, async () => {
  const { stored } = await registered();
  const page = open(stored);
  page.network.answers("/weather", 503, { error: "temporarily_unavailable" });
  await start();
  await until(() => page.find("[role=alert]")?.textContent === "503");
  assert.match(page.body.textContent, /Ada Lovelace/);
});

test("a server renders what those see who are not signed in", () => {
  const client = createClient({ baseUrl: API });
  assert.match(renderToString(createElement(RatchetProvider, { client }, createElement(App))), /<form/);
  assert.throws(() => renderToString(createElement(App)), /there is no RatchetProvider/);
});

test("the adapter works with React 18, too", async () => {
  const contents = `
    import { createElement } from "react";
    import { renderToString } from "react-dom/server";
    import { createClient } from "@ratchet-auth/client";
    import { RatchetProvider, useRatchet } from "@ratchet-auth/client/react";
    const User = () => createElement("p", null, String(useRatchet().user));
    const client = createClient({ baseUrl: "${API}" });
    export const html = renderToString(createElement(RatchetProvider, { client }, createElement(User)));
    export { version } from "react";`;
  const outfile = fileURLToPath(new URL("build/react-18.cjs", import.meta.url));
  const alias = { react: "react-18", "react-dom": "react-dom-18" };
  const resolveDir = fileURLToPath(new URL(".", import.meta.url));
  await build({ stdin: { contents, resolveDir }, alias, outfile, bundle: true, absWorkingDir: resolveDir, platform: "node", format: "cjs" });
  const { html, version } = createRequire(import.meta.url)(outfile);
  assert.deepEqual([html, version.split(".")[0]], ["<p>null</p>", "18"]);
});
