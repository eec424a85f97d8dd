// An authorizer with aws-jwt-verify: keys put into its cache at the start, and verified without awaiting anything.

import { JwtVerifier } from "aws-jwt-verify";
import { bearer, policy } from "./policy.mjs";

const verifier = JwtVerifier.create({
  issuer: process.env.ISSUER,
  audience: process.env.AUDIENCE,
  jwksUri: "https://unused.invalid/jwks.json",
  customJwtCheck: ({ header }) => {
    if (header.typ !== "at+jwt") throw new Error("another type");
  },
});
verifier.cacheJwks(JSON.parse(process.env.PUBLIC_KEYS));

export async function handler(event) {
  let claims;
  try {
    claims = verifier.verifySync(bearer(event));
  } catch {
    // Refused.
  }
  return policy(event, claims);
}
