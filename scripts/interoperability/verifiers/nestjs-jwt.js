import "reflect-metadata";
import { JwtService } from "@nestjs/jwt";
import jwksClient from "jwks-rsa";

export function open({ issuer, jwksUri, audience, algorithm }) {
  const client = jwksClient({ jwksUri });
  const service = new JwtService({
    secretOrKeyProvider: async (_type, token) => {
      const { kid } = new JwtService().decode(token, { complete: true }).header;
      return (await client.getSigningKey(kid)).getPublicKey();
    },
  });
  const options = { issuer, audience, algorithms: [algorithm] };
  return { verify: async (token) => (await service.verifyAsync(token, options)).sub };
}
