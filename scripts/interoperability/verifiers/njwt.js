import jwksClient from "jwks-rsa";
import njwt from "njwt";

/** It compares neither issuer nor audience: that is left to its user, here as in Okta's verifier. */
export function open({ issuer, jwksUri, audience, algorithm }) {
  const client = jwksClient({ jwksUri });
  const key = (kid, done) => client.getSigningKey(kid).then((found) => done(null, found.getPublicKey()), done);
  const verifier = njwt.createVerifier().setSigningAlgorithm(algorithm).withKeyResolver(key);
  return {
    verify: (token) =>
      new Promise((resolve, reject) => {
        verifier.verify(token, (error, verified) => {
          if (error) return reject(error);
          const { iss, aud, sub } = verified.body;
          return iss === issuer && aud === audience ? resolve(sub) : reject(new Error("another issuer or audience"));
        });
      }),
  };
}
