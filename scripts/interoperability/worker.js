/**
 * Runs one library in a process of its own. Reads calls from standard input, one JSON object a line, and answers them one
 * after the other on descriptor 3, since a library may write to standard output. worker.py does the same in Python.
 *
 *   node worker.js verifiers/jose.js '{"issuer": ...}'
 */
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";

const [file, setting] = process.argv.slice(2);

/** A library that can't even be set up gives that as its answer to each call. */
let opened;
async function answer({ method, parameters }) {
  const { open, codeOf = (error) => error.code } = await import(new URL(file, import.meta.url));
  try {
    opened ??= open(JSON.parse(setting));
    return { value: (await (await opened)[method](...parameters)) ?? null };
  } catch (error) {
    return { error: { code: codeOf(error) ?? null, message: `${error.name}: ${error.message}` } };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  writeSync(3, `${JSON.stringify(await answer(JSON.parse(line)))}\n`);
}
process.exit(); // a library may keep a server or a connection open
