/** What builds with the package, or runs it: Angular's CLI, Next.js, Bun and Deno, at the versions of the lock file here. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { somebody, startService } from "../../tests/support.js";
import { serve } from "../files.js";
import { commands, files, write } from "../readme.js";
import { startBrowser } from "../webdriver.js";

const TIME = { timeout: 600_000 };
const here = fileURLToPath(new URL(".", import.meta.url));
const env = { ...process.env, CI: "true", NG_CLI_ANALYTICS: "false", NEXT_TELEMETRY_DISABLED: "1", DENO_NO_UPDATE_CHECK: "1" };

let service;
before(async () => {
  service = await startService();
  await rm(`${here}build`, { recursive: true, force: true });
  await mkdir(`${here}build`);
});
after(() => service.stop());

async function run(program, args, cwd) {
  const running = promisify(execFile)(program, args, { cwd, env, timeout: 500_000, maxBuffer: 1 << 26 });
  return running.catch((error) => assert.fail(`${program} ${args.join(" ")}\n${error.message}\n${error.stdout}\n${error.stderr}`));
}

/** Writes files below `build/` by their paths, and returns the directory. */
async function project(name, texts) {
  for (const [path, text] of Object.entries(texts)) {
    const file = join(here, "build", name, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return join(here, "build", name);
}

test("Angular's CLI builds the app of the README, and it signs in", TIME, async (t) => {
  const [create] = commands("angular");
  const [npx, cli, ...args] = create.split(" ");
  assert.deepEqual([npx, cli], ["npx", "@angular/cli@22"]);
  const ng = `${here}node_modules/@angular/cli/bin/ng.js`;
  // All packages come from the lock file here, the packed one too, so nothing is installed into the app.
  await run(process.execPath, [ng, ...args, "--skip-install", "--skip-git"], `${here}build`);
  const app = `${here}build/my-app`;
  write(app, [...files.keys()].filter((path) => path.startsWith("src/app/")), service.url);
  await run(process.execPath, [ng, "build"], app);
  // The router's addresses are none of files: each leads to the page.
  const built = `${app}/dist/my-app/browser`;
  await mkdir(`${built}/login`);
  await cp(`${built}/index.html`, `${built}/login/index.html`);

  const person = somebody();
  const headers = { "content-type": "application/json" };
  await fetch(`${service.url}/register`, { method: "POST", headers, body: JSON.stringify(person) });
  const browser = await startBrowser();
  t.after(() => browser.quit());
  await browser.open(await serve(t, built));
  await browser.until('document.querySelector("input[type=password]")');
  await browser.type({ email: person.email, password: person.password }, "type");
  await browser.click("Sign in");
  await browser.until("document.body.textContent.match(/°C/g)?.length === 5");
  await browser.click("Sign out");
  await browser.until('document.querySelector("input[type=password]")');
});

test("Next.js imports the package on its server, and renders what is shown to those who are not signed in", TIME, async () => {
  const app = await project("next", {
    "package.json": '{ "private": true, "type": "module" }',
    "app/layout.jsx": "export default function Layout({ children }) { return <html><body>{children}</body></html>; }",
    "app/page.jsx": `
      import { createClient } from "@ratchet-auth/client";
      import { User } from "./user.jsx";
      if (typeof window !== "undefined") throw new Error("this is a component of the server");
      const client = createClient({ baseUrl: ${JSON.stringify(service.url)}, storage: "local" });
      export default async function Page() {
        return <><p>Server: {String(await client.resume())}</p><User /></>;
      }`,
    "app/user.jsx": `"use client";
      import { createClient } from "@ratchet-auth/client";
      import { RatchetProvider, useRatchet } from "@ratchet-auth/client/react";
      const client = createClient({ baseUrl: ${JSON.stringify(service.url)}, storage: "local" });
      const Name = () => <p>Client: {useRatchet().user?.name ?? "nobody"}</p>;
      export const User = () => <RatchetProvider client={client}><Name /></RatchetProvider>;`,
  });
  await run(process.execPath, [`${here}node_modules/next/dist/bin/next`, "build"], app);
  const html = (await readFile(`${app}/.next/server/app/index.html`, "utf8")).replaceAll("<!-- -->", "");
  assert.match(html, /<p>Server: null<\/p>/);
  assert.match(html, /<p>Client: nobody<\/p>/);
});

const SCRIPT = (baseUrl) => `
  import { createClient } from "@ratchet-auth/client";
  const items = new Map();
  const storage = {
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, value) => void items.set(name, value),
    removeItem: (name) => void items.delete(name),
  };
  // A store that tabs may share: they would be told over a channel.
  const client = createClient({ baseUrl: ${JSON.stringify(baseUrl)}, storage });
  const { name } = await client.register(${JSON.stringify(somebody())});
  await client.clearAccessToken(); // so that the request refreshes first
  console.log(name, (await client.fetch("/weather")).status);`;

for (const [name, folder, binary, args] of [
  ["Bun", "@oven", "bin/bun", ["run"]],
  ["Deno", "@deno", "deno", ["run", "--node-modules-dir=manual", "--no-lock", "--allow-net=127.0.0.1", "--allow-env"]],
]) {
  test(`${name} imports the package, uses it, and ends by itself`, TIME, async () => {
    const [platform] = await readdir(`${here}node_modules/${folder}`);
    const app = await project(name, { "check.mjs": SCRIPT(service.url) });
    const { stdout } = await run(`${here}node_modules/${folder}/${platform}/${binary}`, [...args, "check.mjs"], app);
    assert.equal(stdout.trim(), "Ada Lovelace 200");
  });
}
