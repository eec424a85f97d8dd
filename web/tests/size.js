/** The module, minified and compressed, stays under 10 kB. */
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { transform } from "esbuild";

const LIMIT = 10_000;

const source = await readFile(new URL("../ratchet.js", import.meta.url), "utf8");
const { code } = await transform(source, { minify: true, format: "esm", target: "es2022" });
const size = gzipSync(code, { level: 9 }).length;
console.log(`ratchet.js: ${size} bytes minified and compressed, of ${LIMIT}`);
if (size >= LIMIT) process.exit(1);
