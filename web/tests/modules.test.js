import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";

const source = new URL("../src/", import.meta.url);

/** The modules of the client, each with those that it imports, for their types too. */
const imports = new Map();
for (const file of await readdir(source)) {
  const text = await readFile(new URL(file, source), "utf8");
  imports.set(file, [...text.matchAll(/ from "\.\/([\w-]+)\.js";$/gm)].map(([, name]) => `${name}.ts`));
}

test("no two modules of the client import each other, not even through others", () => {
  const done = new Set();
  const visit = (file, path) => {
    assert.ok(!path.includes(file), `${[...path, file].join(" imports ")}`);
    if (done.has(file)) return;
    for (const imported of imports.get(file) ?? assert.fail(`there is no ${file}`)) visit(imported, [...path, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  assert.ok([...imports.values()].flat().length > imports.size, "the imports are found");
});

test("only the adapters import a package", async () => {
  for (const file of await readdir(source)) {
    const text = await readFile(new URL(file, source), "utf8");
    const packages = [...text.matchAll(/ from "([^."][^"]*)"/g)].map(([, name]) => name);
    assert.equal(packages.length > 0, ["angular.ts", "react.ts"].includes(file), `${file}: ${packages}`);
  }
});
