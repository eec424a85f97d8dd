/**
 * The size of the client as a bundler delivers it: bundled and minified by esbuild, then compressed by gzip. Checks the
 * limits, and the sizes that README.md and web/README.md state.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const web = fileURLToPath(new URL("..", import.meta.url));

/** The modules of the core, which the entries beside it share with it. */
const BUILT_UPON = ["./client.js", "./errors.js", "./session.js", "./sign-in.js"];

/** What is bundled, and the most that it may weigh. An entry beside the core is weighed without the core and its framework. */
const BUNDLES = [
  { name: "the core", file: "./dist/index.js", limit: 9_550, external: [] },
  { name: "the entry for accounts", file: "./dist/account.js", limit: 1_300, external: BUILT_UPON },
  { name: "the entry for second factors", file: "./dist/factors.js", limit: 800, external: BUILT_UPON },
  { name: "the entry for passkeys", file: "./dist/passkeys.js", limit: 2_100, external: BUILT_UPON },
  { name: "the adapter for React", file: "./dist/react.js", limit: 1_000, external: ["react", "./index.js"] },
  { name: "the adapter for Angular", file: "./dist/angular.js", limit: 1_000, external: ["@angular/*", "rxjs", "./index.js"] },
];

/** Returns the size in bytes of all that a module exports. */
async function sizeOf({ file, external }) {
  const stdin = { contents: `export * from "${file}";`, resolveDir: web };
  const how = { bundle: true, minify: true, format: "esm", target: "es2022", write: false, logLevel: "error" };
  const { outputFiles } = await build({ stdin, external, ...how });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}

const sizes = await Promise.all(BUNDLES.map(sizeOf));
BUNDLES.forEach(({ name, limit }, n) => {
  console.log(`${name}: ${sizes[n]} bytes minified and compressed, of ${limit}`);
  if (sizes[n] > limit) process.exitCode = 1;
});

const [core, account, factors, passkeys] = sizes.map((size) => `${(size / 1000).toFixed(1)} kB`);
const STATED = [
  ["README.md", `${core} minified and compressed`],
  ["web/README.md", `${core} minified and compressed`],
  ["web/README.md", `another ${account}`],
  ["web/README.md", `${factors} more`],
  ["web/README.md", `${passkeys} more`],
];
for (const [readme, stated] of STATED) {
  const text = await readFile(`${web}/../${readme}`, "utf8");
  if (!text.replace(/\s+/g, " ").includes(stated)) {
    console.log(`${readme} must state the size: ${stated}`);
    process.exitCode = 1;
  }
}
