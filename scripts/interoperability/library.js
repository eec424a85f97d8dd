/** A library in a process of its own: see worker.js, worker.py and rust/. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const patience = 180_000; // a busy machine takes long to start some thirty processes

function commandOf(file) {
  const { RATCHET_PYTHON_TOOLS, RATCHET_RUST_VERIFIER } = process.env;
  if (file === "rust") return [RATCHET_RUST_VERIFIER];
  return file.endsWith(".py") ? [`${RATCHET_PYTHON_TOOLS}/python`, "worker.py", file] : [process.execPath, "worker.js", file];
}

export class Library {
  #file;
  #child;
  #answers;
  #said = "";

  /** `file` is of verifiers/ or clients/, or names the program of rust/. `certificate` is the file of the one that it should trust. */
  constructor(file, setting, certificate) {
    this.#file = file;
    const [program, ...parameters] = commandOf(file);
    const names = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"];
    const trust = certificate ? Object.fromEntries(names.map((name) => [name, certificate])) : {};
    this.#child = spawn(program, [...parameters, JSON.stringify(setting)], {
      cwd: fileURLToPath(new URL(".", import.meta.url)),
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1", ...trust },
      stdio: ["pipe", "pipe", "pipe", "pipe"],
    });
    const answers = this.#child.stdio[file === "rust" ? 1 : 3]; // others may write to standard output themselves
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream.setEncoding("utf8").on("data", (text) => (this.#said += text));
    this.#child.stdin.on("error", () => {}); // a process that has ended gives no answer, and that is told below
    this.#answers = createInterface({ input: answers })[Symbol.asyncIterator]();
  }

  /** Calls a method, and returns its `value` or its `error`. */
  async call(method, ...parameters) {
    this.#child.stdin.write(`${JSON.stringify({ method, parameters })}\n`);
    const timer = setTimeout(() => this.stop(), patience);
    const { value: line } = await this.#answers.next();
    clearTimeout(timer);
    if (line === undefined) throw new Error(`${this.#file} has ended or hangs: ${this.#said}`);
    return JSON.parse(line);
  }

  stop() {
    this.#child.kill("SIGKILL");
  }
}
