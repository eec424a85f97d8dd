import { createVerifier } from "fast-jwt";
import buildGetJwks from "get-jwks";

export function open({ issuer, audience, algorithm }) {
  const keys = buildGetJwks({ issuersWhitelist: [issuer, `${issuer}/`] });
  const key = ({ header: { kid, alg } }) => keys.getPublicKey({ kid, alg, domain: issuer });
  const verify = createVerifier({ key, allowedIss: issuer, allowedAud: audience, algorithms: [algorithm] });
  return { verify: async (token) => (await verify(token)).sub };
}
