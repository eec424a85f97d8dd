import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { Browser, somebody, startService } from "./support.js";

let service;
before(async () => void (service = await startService()));
after(() => service.stop());

test("the example of the README works as it stands there", async () => {
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  const example = /<!-- client:start -->\n```js\n(.*)```\n<!-- client:end -->/s.exec(readme)[1];
  const body = example.replace(/^import .*$/m, "").replace("https://auth.example.com", service.url);
  const names = ["createClient", "email", "password", "showWelcome", "showSignIn"];
  const run = new Function(...names, `return (async () => {${body}; return { client, response }})()`);

  const browser = new Browser(service);
  const person = somebody();
  await browser.tab({ storage: "memory" }).register(person);
  const shown = [];
  const { client, response } = await run(
    ({ baseUrl, storage }) => browser.tab({ baseUrl, storage }),
    person.email,
    person.password,
    (user) => shown.push(user.email),
    (reason) => shown.push(reason),
  );
  assert.equal(response.status, 200);
  await client.logout();
  assert.deepEqual(shown, [person.email, "logout"]);
});
