import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

const read = (path) => readFile(new URL(path, import.meta.url), "utf8");

test("what draws QR codes is the package as it is on npm, with its licence", async () => {
  const [ours, theirs, licence] = await Promise.all([
    read("../page/uqr.js"),
    read("../node_modules/uqr/dist/index.mjs"),
    read("../node_modules/uqr/LICENSE"),
  ]);
  assert.ok(ours.endsWith(theirs));
  const comment = ours.slice(0, -theirs.length).replace(/^ \* ?/gm, "");
  assert.ok(comment.includes(licence.trim()));
});
