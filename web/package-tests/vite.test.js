import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { somebody, startService } from "../tests/support.js";
import { serve } from "./files.js";
import { commands, write } from "./readme.js";
import { startBrowser } from "./webdriver.js";

const here = fileURLToPath(new URL(".", import.meta.url));

let service, browser;
before(async () => ([service, browser] = await Promise.all([startService(), startBrowser()])));
after(() => Promise.all([service.stop(), browser.quit()]));

/** What the lock file in `vite/` pins stays as it is, and nothing asks anything else of a registry. */
const QUIET = { npm_config_audit: "false", npm_config_fund: "false", npm_config_ignore_scripts: "true", npm_config_prefer_offline: "true", npm_config_loglevel: "error" };
const env = { ...process.env, ...QUIET, npm_config_update_notifier: "false", CI: "true" };

/** Types these commands into a shell. What still runs when the test ends, is stopped by `stop`. */
function shell(lines, cwd) {
  const child = spawn("bash", ["-euc", lines.join("\n")], { cwd, env, detached: true, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (data) => (output += data));
  const ended = new Promise((resolve, reject) => {
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`${lines.join("\n")}\nends with ${code}:\n${output}`))));
  });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid);
    await ended.catch(() => {});
  };
  return { ended, stop };
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(url) {
  const patience = AbortSignal.timeout(60_000);
  for (;;) {
    const response = await fetch(url, { signal: patience }).catch(() => null);
    if (response?.ok) return;
    patience.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const WEATHER = 'document.body.textContent.match(/°C/g)?.length === 5';
const FORM = 'document.querySelector("input[name=password]")';

test("the steps of the README lead from npm create vite to a signed-in page", { timeout: 300_000 }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "ratchet-vite-"));
  let server;
  t.after(async () => {
    await server?.stop();
    await rm(folder, { recursive: true });
  });
  await symlink(fileURLToPath(new URL("../..", import.meta.url)), join(folder, "ratchet"));
  await shell(commands("pack"), folder).ended;

  const [create, ...install] = commands("create");
  assert.match(create, /^npm create vite@latest /);
  const pinned = create.replace("npm create vite@latest", `${here}node_modules/.bin/create-vite`).replace(" -- ", " ");
  await shell([pinned], folder).ended;
  const app = join(folder, "my-app");
  await cp(`${here}vite/package-lock.json`, join(app, "package-lock.json"));
  await shell(install, folder).ended;
  write(app, ["src/main.tsx", "src/App.tsx"], service.url);

  const [run, ...more] = commands("run");
  assert.deepEqual([run, more], ["npm run dev", []]);
  const port = await freePort();
  const dev = `http://127.0.0.1:${port}/`;
  server = shell([`exec ${run} -- --host 127.0.0.1 --port ${port} --strictPort`], app);
  await Promise.race([answers(dev), server.ended]);
  const person = somebody();
  await browser.open(dev);
  await browser.until(FORM);
  await browser.type(person);
  await browser.click("Create account");
  await browser.until(WEATHER);
  await browser.reload();
  await browser.until(WEATHER);

  const first = await browser.tab();
  await browser.newTab();
  await browser.open(dev);
  await browser.until(WEATHER);
  await browser.click("Sign out");
  await browser.until(FORM);
  await browser.choose(first);
  await browser.until(FORM);

  await shell(["npm run build"], app).ended;
  await browser.open(await serve(t, join(app, "dist")));
  await browser.until(FORM);
  await browser.type({ email: person.email, password: person.password });
  await browser.click("Sign in");
  await browser.until(WEATHER);
});
