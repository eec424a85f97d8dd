import fastifyJwt from "@fastify/jwt";
import Fastify from "fastify";
import buildGetJwks from "get-jwks";

export async function open({ issuer, audience, algorithm }) {
  const keys = buildGetJwks({ issuersWhitelist: [issuer, `${issuer}/`] });
  const app = Fastify();
  app.register(fastifyJwt, {
    decode: { complete: true },
    secret: (_request, { header: { kid, alg }, payload: { iss } }) => keys.getPublicKey({ kid, alg, domain: iss }),
    verify: { allowedIss: issuer, allowedAud: audience, algorithms: [algorithm] },
  });
  app.get("/", { onRequest: (request) => request.jwtVerify() }, (request) => request.user.sub);
  await app.ready();
  return {
    async verify(token) {
      const answer = await app.inject({ url: "/", headers: { authorization: `Bearer ${token}` } });
      if (answer.statusCode === 200) return answer.body;
      const { code, message } = answer.json();
      throw Object.assign(new Error(message), { name: code ?? String(answer.statusCode) });
    },
  };
}
