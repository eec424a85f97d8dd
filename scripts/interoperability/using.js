/** What each OAuth client is tried with. The result of a step is "yes" where it did what it should, or the error that it shows. */

/** Tries clients, and refreshes a session of each once more after a rotation of the signing keys. */
export async function use(ratchet, clients) {
  const sessions = await Promise.all(clients.map(() => ratchet.register()));
  const found = await Promise.all(clients.map(([, client]) => tryClient(client, ratchet)));
  await ratchet.rotate();
  const after = await Promise.all(clients.map(([, { library }], at) => refresh(library, sessions[at], ratchet)));
  return Object.fromEntries(clients.map(([file], at) => [file, { ...found[at], "key rotation": after[at].result }]));
}

/** `stranger` is the same library with another client's id. */
async function tryClient({ library, stranger }, ratchet) {
  return {
    discovery: await discovery(library, ratchet),
    ...(await refreshAndReuse(library, ratchet)),
    "revoke refresh token": await revocation(library, await ratchet.register(), "refresh_token"),
    "revoke access token": await revocation(library, await ratchet.register(), "access_token"),
    "not a token": code(await library.call("refresh", "not-a-token")),
    "another client": code(await stranger.call("refresh", (await ratchet.register()).refresh_token)),
  };
}

async function discovery(library, { url }) {
  const { value, error } = await library.call("discover");
  if (error) return error.message;
  if (value === null) return "none";
  return String(value) === `${url}/oauth2/token,${url}/oauth2/revoke` ? "yes" : String(value);
}

/** Refreshes three times, and then with the first token again. */
async function refreshAndReuse(library, ratchet) {
  const session = await ratchet.register();
  const { result, next } = await refresh(library, session, ratchet);
  let last = next;
  for (let turn = 0; last && turn < 2; turn += 1) last = (await refresh(library, last, ratchet)).next;
  return { refresh: result, reuse: code(await library.call("refresh", session.refresh_token)) };
}

async function refresh(library, session, ratchet) {
  const { value, error } = await library.call("refresh", session.refresh_token);
  if (error) return { result: error.message };
  if (!value.refresh_token || value.refresh_token === session.refresh_token) return { result: "the refresh token is the same" };
  return { result: (await ratchet.takes(value.access_token)) ? "yes" : "the access token is refused", next: value };
}

/** After it the session must be over. */
async function revocation(library, session, type) {
  const { error } = await library.call("revoke", session[type], type);
  if (error) return error.message;
  const after = code(await library.call("refresh", session.refresh_token));
  return after === "accepted" ? "the session goes on" : "yes";
}

const code = ({ error }) => (error ? (error.code ?? error.message) : "accepted");
