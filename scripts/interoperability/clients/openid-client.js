import * as client from "openid-client";

export async function open({ issuer, clientId }) {
  const execute = issuer.startsWith("http:") ? [client.allowInsecureRequests] : [];
  const configuration = await client.discovery(new URL(issuer), clientId, undefined, client.None(), { execute });
  const server = configuration.serverMetadata();
  return {
    discover: () => [server.token_endpoint, server.revocation_endpoint],
    refresh: (token) => client.refreshTokenGrant(configuration, token),
    revoke: (token, token_type_hint) => client.tokenRevocation(configuration, token, { token_type_hint }),
  };
}

export const codeOf = (error) => error.error;
