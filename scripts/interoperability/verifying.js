/** What each verifier is tried with. */
import { forged } from "./ratchet.js";

const hour = 3600;

/**
 * Tries verifiers with tokens, again after a rotation to a key that was published before, and again after the algorithm was
 * changed and changed back, so that the key is new to them. The result of each is "works", or what it says to tokens that it
 * should take, and which bad ones it takes.
 */
export async function verify(ratchet, verifiers) {
  const found = verifiers.map(() => ({}));
  const each = (tokens, sub) => Promise.all(verifiers.map(([, library], at) => tryTokens(library, tokens, sub, found[at])));
  const { access_token: good, user } = await ratchet.register();
  await each(tokensOf(ratchet, good), user.id);
  await ratchet.rotate();
  const next = await ratchet.register();
  await each({ "the next key": [next.access_token, true] }, next.user.id);
  await each({ "the key before": [good, true] }, user.id);
  await ratchet.changeAlgorithm();
  const unknown = await ratchet.register();
  await each({ "a new key, beside one of another algorithm": [unknown.access_token, true] }, unknown.user.id);
  const result = (faults) => (Object.keys(faults).length ? faults : "works");
  return Object.fromEntries(verifiers.map(([file], at) => [file, result(found[at])]));
}

/** The tokens before any rotation, and whether they are good. */
function tokensOf(ratchet, good) {
  const now = Math.floor(Date.now() / 1000);
  const old = { iat: now - 2 * hour, auth_time: now - 2 * hour, exp: now - hour };
  return {
    "a good token": [good, true],
    // What signs the bad tokens signs good ones.
    "a token signed anew": [ratchet.resigned(good, {}), true],
    "an expired token": [ratchet.resigned(good, old), false],
    "a changed signature": [forged(good), false],
    "another issuer": [ratchet.resigned(good, { iss: "https://other.example" }), false],
    "another audience": [ratchet.resigned(good, { aud: "other" }), false],
  };
}

async function tryTokens(library, tokens, sub, found) {
  for (const [name, [token, isGood]] of Object.entries(tokens)) {
    const { value, error } = await library.call("verify", token);
    if (isGood && value !== sub) found[name] = error?.message ?? `another user: ${value}`;
    if (!isGood && error === undefined) found[name] = "accepted";
  }
}
