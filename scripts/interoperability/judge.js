/** What is wrong with results. */

/** What the steps of a client show where all is well, but for the exceptions of libraries.json. */
export const well = {
  discovery: "yes",
  refresh: "yes",
  reuse: "invalid_grant",
  "revoke refresh token": "yes",
  "revoke access token": "yes",
  "not a token": "invalid_grant",
  "another client": "invalid_client",
  "key rotation": "yes",
};

/** Where the runs that were made differ from what is expected of them, in either direction. */
export function* differences(expected, results) {
  for (const [run, kinds] of Object.entries(results)) {
    for (const [kind, found] of Object.entries(kinds)) {
      const before = expected[run]?.[kind] ?? {};
      for (const file of new Set([...Object.keys(found), ...Object.keys(before)])) {
        const [is, was] = [found, before].map((of) => JSON.stringify(of[file]));
        if (is !== was) yield `${run}, ${file}: ${is}, and not ${was} as results.json says`;
      }
    }
  }
}

/** A verifier that fails with an algorithm needs a remark that says why, and a client that shows something else needs its exception. */
export function* faults({ verifiers, clients }, results) {
  for (const [run, found] of Object.entries(results)) {
    const [algorithm] = run.split(" ");
    for (const { file, remarks = {} } of verifiers) {
      const works = found.verifiers[file] === "works";
      if (works && algorithm in remarks) yield `${run}, ${file}: works in spite of its remark in libraries.json`;
      if (!works && !(algorithm in remarks)) yield `${run}, ${file}: fails without a remark in libraries.json`;
    }
    for (const { file, shows = {} } of clients) {
      const [is, right] = [found.clients[file], { ...well, ...shows }].map((value) => JSON.stringify(value));
      if (is !== right) yield `${run}, ${file}: ${is}, and not ${right} as libraries.json says`;
    }
  }
}
