import OktaJwtVerifier from "@okta/jwt-verifier";

export function open({ issuer, jwksUri, audience }) {
  const testing = { disableHttpsCheck: !issuer.startsWith("https:") };
  const verifier = new OktaJwtVerifier({ issuer, jwksUri, testing });
  return { verify: async (token) => (await verifier.verifyAccessToken(token, audience)).claims.sub };
}
