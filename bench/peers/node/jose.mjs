// An authorizer with jose: keys in a local set, which imports each of them once.

import { createLocalJWKSet, jwtVerify } from "jose";
import { bearer, policy } from "./policy.mjs";

const keys = createLocalJWKSet(JSON.parse(process.env.PUBLIC_KEYS));
const options = {
  issuer: process.env.ISSUER,
  audience: process.env.AUDIENCE,
  algorithms: ["ES256"],
  typ: "at+jwt",
  requiredClaims: ["exp"],
};

export async function handler(event) {
  const verified = await jwtVerify(bearer(event), keys, options).catch(() => undefined);
  return policy(event, verified?.payload);
}
