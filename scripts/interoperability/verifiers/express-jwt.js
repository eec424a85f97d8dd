import { expressjwt } from "express-jwt";
import jwksClient from "jwks-rsa";
import { behind } from "../express.js";

export function open({ issuer, jwksUri, audience, algorithm }) {
  const secret = jwksClient.expressJwtSecret({ jwksUri });
  return behind(expressjwt({ secret, issuer, audience, algorithms: [algorithm] }), (request) => request.auth.sub);
}
