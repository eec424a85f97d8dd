import { auth } from "express-oauth2-jwt-bearer";
import { behind } from "../express.js";

export function open({ issuer, audience }) {
  const options = { issuerBaseURL: issuer, audience, strict: true, cooldownDuration: 0 };
  return behind(auth(options), (request) => request.auth.payload.sub);
}
