/**
 * No library, but what a bad one would be: it verifies nothing and sends nothing. If the run does not find that, it finds
 * nothing at all.
 */
export function open() {
  return {
    verify: (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url")).sub,
    discover: () => ["nowhere"],
    refresh: (refresh_token) => ({ access_token: "made up", refresh_token }),
    revoke: () => {},
  };
}

export const found = {
  verifier: Object.fromEntries(
    ["an expired token", "a changed signature", "another issuer", "another audience"].map((name) => [name, "accepted"]),
  ),
  client: {
    discovery: "nowhere",
    refresh: "the refresh token is the same",
    reuse: "accepted",
    "revoke refresh token": "the session goes on",
    "revoke access token": "the session goes on",
    "not a token": "accepted",
    "another client": "accepted",
    "key rotation": "the refresh token is the same",
  },
};
