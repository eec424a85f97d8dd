/**
 * Writes the README's code for Angular, React and plain fetch to `build/`, has Angular's compiler and TypeScript compile it
 * in strict mode, and bundles each app for Node; the packages stay outside of the bundles, so that tests share them.
 */
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { files, write } from "./readme.js";

const here = fileURLToPath(new URL(".", import.meta.url));
rmSync(`${here}build`, { recursive: true, force: true });
write(`${here}build`, [...files.keys()].filter((path) => /\.tsx?$/.test(path)), "https://auth.example.com");

const compiler = `${here}node_modules/@angular/compiler-cli/bundles/src/bin/ngc.js`;
execFileSync(process.execPath, [compiler, "-p", here], { stdio: "inherit" });

const entries = ["app/app.config", "app/app", "main", "App", "api"];
await build({
  entryPoints: entries.map((entry) => `${here}build/js/${entry}.js`),
  outdir: `${here}build`,
  bundle: true,
  splitting: true,
  format: "esm",
  packages: "external",
  logLevel: "warning",
});
console.log("the code of the README compiles, with TypeScript and Angular in strict mode");
