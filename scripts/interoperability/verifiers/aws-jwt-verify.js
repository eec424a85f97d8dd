import { JwtVerifier } from "aws-jwt-verify";
import { SimpleJwksCache } from "aws-jwt-verify/jwk";

export function open({ issuer, jwksUri, audience }) {
  // Its own fetcher takes https addresses alone.
  const fetcher = { fetch: async (uri) => (await fetch(uri)).arrayBuffer() };
  const jwksCache = issuer.startsWith("https:") ? undefined : new SimpleJwksCache({ fetcher });
  const verifier = JwtVerifier.create({ issuer, audience, jwksUri }, jwksCache && { jwksCache });
  return { verify: async (token) => (await verifier.verify(token)).sub };
}
