import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { somebody, startService } from "../tests/support.js";
import { serve } from "./files.js";
import { write } from "./readme.js";
import { startBrowser } from "./webdriver.js";

const TIME = { timeout: 120_000 };
const installed = fileURLToPath(new URL("node_modules/@ratchet-auth/client/", import.meta.url));

let service, browser;
before(async () => ([service, browser] = await Promise.all([startService(), startBrowser()])));
after(() => Promise.all([service.stop(), browser.quit()]));

/** An empty directory, for one test. */
async function directory(t) {
  const path = await mkdtemp(join(tmpdir(), "ratchet-plain-"));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

async function register(person) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${service.url}/register`, { method: "POST", headers, body: JSON.stringify(person) });
  assert.equal(response.status, 201);
}

test("the page of the README needs no build", TIME, async (t) => {
  const person = somebody();
  await register(person);
  const folder = await directory(t);
  write(folder, ["index.html"], service.url);
  await cp(`${installed}dist`, join(folder, "dist"), { recursive: true });
  await browser.open(await serve(t, folder));
  await browser.type({ email: person.email, password: person.password });
  await browser.click("Sign in");
  const hasWeather = 'JSON.parse(document.querySelector("pre").textContent || "[]").length === 5';
  await browser.until(hasWeather);
  await browser.reload();
  await browser.until(hasWeather);
});

test("a service worker signs in and sends the access token", TIME, async (t) => {
  const folder = await directory(t);
  await cp(`${installed}dist`, join(folder, "dist"), { recursive: true });
  await writeFile(join(folder, "index.html"), "<!doctype html><title>A page</title>");
  const worker = `import { createClient } from "./dist/index.js";
    const client = createClient({ baseUrl: "${service.url}" });
    self.addEventListener("message", ({ data, ports: [port] }) => {
      const work = async () => {
        const { name } = await client.register(data);
        await client.clearAccessToken(); // so that the request refreshes first
        const response = await client.fetch("/weather");
        return { name, status: response.status, days: (await response.json()).length };
      };
      work().then((value) => port.postMessage(value), (error) => port.postMessage({ error: String(error) }));
    });`;
  await writeFile(join(folder, "worker.js"), worker);
  await browser.open(await serve(t, folder));
  const answer = await browser.run(`
    const registration = await navigator.serviceWorker.register("/worker.js", { type: "module" });
    await navigator.serviceWorker.ready;
    const { port1, port2 } = new MessageChannel();
    const answer = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
    registration.active.postMessage(${JSON.stringify(somebody())}, [port2]);
    return await answer;`);
  assert.deepEqual(answer, { name: "Ada Lovelace", status: 200, days: 5 });
});

test("Node imports the package, uses it, and ends by itself", TIME, async () => {
  const script = `
    const { createClient, RatchetError } = await import("@ratchet-auth/client");
    const { accountOf } = await import("@ratchet-auth/client/account");
    const client = createClient({ baseUrl: ${JSON.stringify(service.url)}, storage: { ...memory() } });
    const person = ${JSON.stringify(somebody())};
    const error = await client.login(person).catch((error) => error);
    const { name } = await client.register(person);
    const response = await client.fetch("/weather");
    const { account } = await accountOf(client).ownData();
    console.log(JSON.stringify([error instanceof RatchetError, error.code, name, response.status, account.name]));
    function memory() {
      const items = new Map();
      return { getItem: (key) => items.get(key) ?? null, setItem: (key, value) => void items.set(key, value), removeItem: (key) => void items.delete(key) };
    }`;
  const cwd = fileURLToPath(new URL(".", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], { cwd, timeout: 60_000 });
  assert.deepEqual(JSON.parse(stdout), [true, "invalid_credentials", "Ada Lovelace", 200, "Ada Lovelace"]);
});

test("npm installs the package from the folder of a checkout, without building anything", TIME, async (t) => {
  const cwd = await directory(t);
  await writeFile(join(cwd, "package.json"), '{ "type": "module" }');
  const web = fileURLToPath(new URL("..", import.meta.url));
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline"];
  await promisify(execFile)("npm", ["install", "--install-links", ...quiet, web], { cwd });
  const script = 'console.log(typeof (await import("@ratchet-auth/client")).createClient)';
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], { cwd });
  assert.equal(stdout.trim(), "function");
});
