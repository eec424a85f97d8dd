import { createRemoteJWKSet, jwtVerify } from "jose";

export function open({ issuer, jwksUri, audience, algorithm }) {
  const keys = createRemoteJWKSet(new URL(jwksUri), { cooldownDuration: 0 });
  const options = { issuer, audience, algorithms: [algorithm], typ: "at+jwt" };
  return { verify: async (token) => (await jwtVerify(token, keys, options)).payload.sub };
}
