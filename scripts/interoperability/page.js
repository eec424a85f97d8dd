/** docs/interop.md, made of the results, of libraries.json, and of the versions that are pinned. */
import { readFileSync } from "node:fs";
import { algorithms, runsOf } from "./runs.js";
import { well } from "./judge.js";

const read = (name) => readFileSync(new URL(name, import.meta.url), "utf8");
const locked = JSON.parse(read("package-lock.json")).packages;
const requirements = read("../requirements/interop.txt").matchAll(/^([\w-]+).*==(.+)$/gm);
const crates = read("rust/Cargo.lock").matchAll(/^name = "(.+)"\nversion = "(.+)"$/gm);
const versions = Object.fromEntries([...requirements, ...crates].map(([, name, version]) => [name, version]));

const versionOf = (name) => locked[`node_modules/${name}`]?.version ?? versions[name];
const titled = ({ packages, how }, title) => [...packages.map(title), ...(how ? [how] : [])].join(", ");
const nameOf = (library) => titled(library, (name) => `${name} ${versionOf(name)}`);
const cell = (text) => text.replaceAll("|", "\\|");
const table = (titles, rows) => [titles, titles.map(() => "---"), ...rows].map((row) => `| ${row.map(cell).join(" | ")} |\n`).join("");

export function page({ verifiers, clients, untried }, results) {
  return `# Other software

Libraries without any support for Ratchet verify its access tokens and use its OAuth endpoints. This page shows the results of running them,
unmodified, against \`cargo run\`: \`scripts/interop --update\` writes it. CI runs all of them with ES256, but for the crate, and every night all
with each \`SIGNING_ALGORITHM\`, over plain HTTP and through a TLS front. It fails if one behaves differently from this page, for better or worse.

For all of them: the issuer is the output \`Issuer\` of the stack, the audience its parameter \`Audience\`, and the keys are at
\`<issuer>/.well-known/jwks.json\`.

## Verifiers of access tokens

Each is given a good token, one that has expired, one with a changed signature, one of another issuer and one of another audience. Then, while it
runs, the keys are rotated: the new key was published before, as Ratchet does, and tokens of the previous key must stay valid. Last
\`SIGNING_ALGORITHM\` is changed to another one and back, so that the library must fetch a set with a new key, in which one of the other algorithm
is left. "works" means all of that.

${verifierTable(verifiers, results)}
${failures(verifiers, results)}
## OAuth clients

All of them are the public client \`ratchet\`, without a secret. Each finds the endpoints, refreshes three times and then with the first token
again ("reuse"), revokes a refresh token and in another session an access token, after which the session must be over, sends something that is not
a token, and a token as another client. Last it refreshes after the signing keys were rotated. "yes" means that it did what it should, otherwise
the column shows what the client makes of the answer. The results are the same with each algorithm.

${clientTable(clients, results)}
## Not tried

${table(["what", "why"], untried.map(({ name, why }) => [name, why]))}`;
}

function verifierTable(verifiers, results) {
  const rows = verifiers.map((library) => [nameOf(library), ...algorithms.map((algorithm) => verdict(library, algorithm, results)), library.set]);
  return table(["library", ...algorithms, "what to set"], rows);
}

const faultsOf = ({ file }, run, results) => results[run].verifiers[file];
const worksIn = (library, run, results) => faultsOf(library, run, results) === "works";
const takesNone = (faults) => "a good token" in faults;

function verdict(library, algorithm, results) {
  const [plain, tls] = runsOf(algorithm).map((run) => worksIn(library, run, results));
  if (plain !== tls) return tls ? "over TLS alone" : "over plain HTTP alone";
  if (plain) return "works";
  return takesNone(faultsOf(library, algorithm, results)) ? "fails" : "in part";
}

/** What a library fails at and says then, why, and what makes it work. */
function failures(verifiers, results) {
  const rows = verifiers.flatMap((library) => {
    const works = (algorithm) => runsOf(algorithm).every((run) => worksIn(library, run, results));
    const failing = algorithms.filter((algorithm) => !works(algorithm));
    const better = algorithms.filter(works).map((algorithm) => `\`SIGNING_ALGORITHM=${algorithm}\``);
    return failing.map((algorithm) => {
      const faults = runsOf(algorithm).map((run) => faultsOf(library, run, results)).find((found) => found !== "works");
      const said = [...new Set(Object.values(faults))].map((text) => `\`${text}\``);
      const { since, instead } = library.remarks?.[algorithm] ?? {};
      const at = takesNone(faults) ? "any token" : Object.keys(faults).join("; ");
      return [titled(library, (name) => name), algorithm, at, said.join(", "), since ?? "", [...better, ...(instead ? [instead] : [])].join(" or ")];
    });
  });
  return table(["library", "with", "fails at", "says", "since", "works with"], rows);
}

function clientTable(clients, results) {
  const steps = Object.keys(well);
  const rows = clients.map((library) => [nameOf(library), ...steps.map((step) => shown(results.ES256.clients[library.file][step])), library.set]);
  return table(["client", ...steps, "what to set"], rows);
}

const shown = (text) => (/^[a-z_]+$/.test(text) && text.includes("_") ? `\`${text}\`` : text);
