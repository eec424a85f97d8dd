/** docs/interop.md, made of the results, of libraries.json, and of the versions that are pinned. */
import { readFileSync } from "node:fs";
import { algorithms, runsOf } from "./runs.js";
import { well } from "./judge.js";

const read = (name) => readFileSync(new URL(name, import.meta.url), "utf8");
const locked = JSON.parse(read("package-lock.json")).packages;
const required = Object.fromEntries([...read("../requirements/interop.txt").matchAll(/^([\w-]+).*==(.+)$/gm)].map(([, name, version]) => [name, version]));

const nameOf = ({ packages }) => packages.map((name) => `${name} ${locked[`node_modules/${name}`]?.version ?? required[name]}`).join(", ");
const cell = (text) => text.replaceAll("|", "\\|");
const table = (titles, rows) => [titles, titles.map(() => "---"), ...rows].map((row) => `| ${row.map(cell).join(" | ")} |\n`).join("");

export function page({ verifiers, clients, untried }, results) {
  return `# Software of others

Libraries that know nothing of Ratchet verify its access tokens and use its OAuth endpoints. This page is what happened when they were run,
unmodified, against \`cargo run\`: \`scripts/interop --update\` writes it. CI runs all of them with ES256, and every night with each
\`SIGNING_ALGORITHM\`, over plain HTTP and through a TLS front. It fails if one does something else than stands here, for better or worse.

Whatever they take: the issuer is the output \`Issuer\` of the stack, the audience its parameter \`Audience\`, and the keys are at
\`<issuer>/.well-known/jwks.json\`.

## Verifiers of access tokens

Each is given a good token, one that has expired, one with a changed signature, one of another issuer and one of another audience. Then the keys
are rotated twice while it runs, the second time to a key that it has not seen; it must take tokens of the new key, and of the one before.
"works" means all of that.

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

const worksIn = ({ file }, run, results) => results[run].verifiers[file] === "works";

function verdict(library, algorithm, results) {
  const [plain, tls] = runsOf(algorithm).map((run) => worksIn(library, run, results));
  if (plain === tls) return plain ? "works" : "fails";
  return tls ? "over TLS alone" : "over plain HTTP alone";
}

/** What a library says where it fails, why, and what makes it work. */
function failures(verifiers, results) {
  const rows = verifiers.flatMap((library) =>
    algorithms.filter((algorithm) => !worksIn(library, algorithm, results)).map((algorithm) => {
      const said = new Set(Object.values(results[algorithm].verifiers[library.file]));
      const better = algorithms.filter((other) => worksIn(library, other, results)).map((other) => `\`SIGNING_ALGORITHM=${other}\``);
      return [library.packages.join(", "), algorithm, [...said].map((text) => `\`${text}\``).join(", "), library.remarks?.[algorithm] ?? "", better.join(" or ")];
    }),
  );
  return table(["library", "with", "says", "since", "works with"], rows);
}

function clientTable(clients, results) {
  const steps = Object.keys(well);
  const rows = clients.map((library) => [nameOf(library), ...steps.map((step) => shown(results.ES256.clients[library.file][step])), library.set]);
  return table(["client", ...steps, "what to set"], rows);
}

const shown = (text) => (/^[a-z_]+$/.test(text) && text.includes("_") ? `\`${text}\`` : text);
