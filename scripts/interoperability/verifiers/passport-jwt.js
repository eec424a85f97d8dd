import jwksClient from "jwks-rsa";
import passport from "passport";
import { ExtractJwt, Strategy } from "passport-jwt";
import { behind } from "../express.js";

export function open({ issuer, jwksUri, audience, algorithm }) {
  const options = {
    secretOrKeyProvider: jwksClient.passportJwtSecret({ jwksUri }),
    jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
    algorithms: [algorithm],
    issuer,
    audience,
  };
  passport.use(new Strategy(options, (claims, done) => done(null, claims)));
  return behind(passport.authenticate("jwt", { session: false }), (request) => request.user.sub);
}
