/**
 * Runs each library of libraries.json against the service, and compares what happens with results.json and docs/interop.md:
 * see scripts/interop.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificate } from "./front.js";
import { differences, faults } from "./judge.js";
import { Library } from "./library.js";
import { page } from "./page.js";
import { Ratchet } from "./ratchet.js";
import { algorithms, runsOf } from "./runs.js";
import { use } from "./using.js";
import { verify } from "./verifying.js";

const here = (name) => new URL(name, import.meta.url);
const read = (name) => JSON.parse(readFileSync(here(name), "utf8"));
const pageFile = here("../../docs/interop.md");
const libraries = read("libraries.json");
const planted = "planted.js";
const command = process.argv[2];
/** What takes too long to build for every change. */
const leftOut = libraries.verifiers.filter(({ nightly }) => nightly && !command).map(({ file }) => file);

/** One run of all libraries: what each has done, by file. */
async function runAll(algorithm, directory, certificate) {
  const ratchet = await Ratchet.start(algorithm, directory, certificate);
  const started = [];
  const start = (file, clientId) => {
    started.push(new Library(file, ratchet.setting(clientId), certificate?.authority));
    return started.at(-1);
  };
  const files = (kind) => [...libraries[kind].map(({ file }) => file).filter((file) => !leftOut.includes(file)), planted];
  const verifiers = files("verifiers").map((file) => [file, start(file)]);
  const clients = files("clients").map((file) => [file, { library: start(file), stranger: start(file, "another-client") }]);
  try {
    return stable(ratchet, { verifiers: await verify(ratchet, verifiers), clients: await use(ratchet, clients) });
  } finally {
    for (const library of started) library.stop();
    await ratchet.stop();
  }
}

/** Without what differs from one run to the next. */
function stable(ratchet, results) {
  const text = JSON.stringify(results).replaceAll(ratchet.url, "ISSUER").replace(/[\w-]{43}(?=\W)/g, "KID");
  return JSON.parse(text.replace(/(127\.0\.0\.1|localhost):\d+/g, "HOST"));
}

/** The results without those of the planted library, which must have been found. */
async function withoutPlanted(results) {
  const { found } = await import(here(planted));
  for (const [kind, expected] of [["verifiers", found.verifier], ["clients", found.client]]) {
    const is = JSON.stringify(results[kind][planted]);
    if (is !== JSON.stringify(expected)) throw new Error(`of the ${kind} a bad one is not found: ${is}`);
    delete results[kind][planted];
  }
  return results;
}

async function run(name, algorithm, certificate) {
  const began = Date.now();
  results[name] = await withoutPlanted(await runAll(algorithm, join(work, name), certificate));
  console.log(`${name}: ${((Date.now() - began) / 1000).toFixed(1)} s`);
}

if (![undefined, "nightly", "--update"].includes(command)) throw new Error(`scripts/interop ${command}: there is no such run`);
const work = mkdtempSync(join(tmpdir(), "ratchet-interop-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));
const results = {};
if (command) {
  const certificate = makeCertificate(work);
  for (const algorithm of algorithms) {
    const [plain, tls] = runsOf(algorithm);
    await run(plain, algorithm);
    await run(tls, algorithm, certificate);
  }
} else {
  await run(algorithms[0], algorithms[0]);
}

if (command === "--update") {
  writeFileSync(here("results.json"), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(pageFile, page(libraries, results));
}
const expected = read("results.json");
const wrong = [...faults(libraries, expected)];
for (const file of leftOut) delete expected[algorithms[0]].verifiers[file];
wrong.push(...differences(expected, results));
if (readFileSync(pageFile, "utf8") !== page(libraries, read("results.json"))) {
  wrong.push("docs/interop.md is not what scripts/interop --update writes");
}
for (const line of wrong) console.error(line);
if (wrong.length) process.exit(1);
const tried = (kind) => libraries[kind].filter(({ file }) => !leftOut.includes(file));
const count = (kind) => new Set(tried(kind).map(({ packages }) => packages[0])).size;
const counts = `${count("verifiers")} verifiers and ${count("clients")} OAuth clients`;
console.log(`interop: ${counts} do what docs/interop.md says, and a bad one of each is found`);
process.exit(); // connections of a TLS front may still be open
