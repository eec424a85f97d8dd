/** What the README of the package tells a stranger to do: the files to write, and the commands to type. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const README = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** The code of the README by the path in its first line, such as `// src/main.tsx`. */
export const files = new Map(
  [...README.matchAll(/^```(?:tsx?|html|js)\n(?:\/\/|<!--) (\S+)(?: -->)?\n(.*?)^```$/gms)].map(([, path, code]) => [path, code]),
);

/** Writes these files below a directory, with a service's address in place of that in the README. */
export function write(directory, paths, serviceUrl) {
  for (const path of paths) {
    const code = files.get(path);
    if (!code) throw new Error(`web/README.md has no ${path}`);
    const target = join(directory, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, serviceUrl ? code.replaceAll("http://127.0.0.1:3000", serviceUrl) : code);
  }
}

/** Returns the commands of a step, without their comments. */
export function commands(step) {
  const block = new RegExp(`<!-- step:${step} -->\\n\`\`\`sh\\n(.*?)^\`\`\`$`, "ms").exec(README)?.[1];
  if (!block) throw new Error(`web/README.md has no step ${step}`);
  return block.split("\n").map((line) => line.replace(/\s+#.*/, "")).filter(Boolean);
}
