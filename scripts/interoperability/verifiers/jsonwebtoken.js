import jwt from "jsonwebtoken";
import jwksClient from "jwks-rsa";

export function open({ issuer, jwksUri, audience, algorithm }) {
  const client = jwksClient({ jwksUri });
  const key = ({ kid }, done) =>
    client.getSigningKey(kid).then((found) => done(null, found.getPublicKey()), done);
  const options = { issuer, audience, algorithms: [algorithm] };
  return {
    verify: (token) =>
      new Promise((resolve, reject) => {
        jwt.verify(token, key, options, (error, claims) => (error ? reject(error) : resolve(claims.sub)));
      }),
  };
}
