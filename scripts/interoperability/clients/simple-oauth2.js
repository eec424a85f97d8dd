import { AuthorizationCode } from "simple-oauth2";

/** It has no discovery, and sends Basic with an empty secret. */
export function open({ issuer, clientId }) {
  const client = new AuthorizationCode({
    client: { id: clientId, secret: "" },
    auth: { tokenHost: issuer, tokenPath: "/oauth2/token", revokePath: "/oauth2/revoke" },
  });
  return {
    discover: () => null,
    refresh: async (refresh_token) => (await client.createToken({ refresh_token }).refresh()).token,
    revoke: (token, type) => client.createToken({ [type]: token }).revoke(type),
  };
}

export const codeOf = (error) => error.data?.payload?.error;
