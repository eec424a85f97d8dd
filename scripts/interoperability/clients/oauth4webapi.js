import * as oauth from "oauth4webapi";

export async function open({ issuer, clientId }) {
  const options = { [oauth.allowInsecureRequests]: issuer.startsWith("http:") };
  const found = await oauth.discoveryRequest(new URL(issuer), { ...options, algorithm: "oauth2" });
  const server = await oauth.processDiscoveryResponse(new URL(issuer), found);
  const client = { client_id: clientId };
  return {
    discover: () => [server.token_endpoint, server.revocation_endpoint],
    async refresh(token) {
      const answer = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), token, options);
      return oauth.processRefreshTokenResponse(server, client, answer);
    },
    async revoke(token, token_type_hint) {
      const parameters = { ...options, additionalParameters: { token_type_hint } };
      await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, oauth.None(), token, parameters));
    },
  };
}

export const codeOf = (error) => error.error;
