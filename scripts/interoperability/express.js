/** A service of Express behind the middleware of a library: `verify` is a request with the token to it. */
import { once } from "node:events";
import express from "express";

/** `sub` takes the caller's from a request that got through. */
export async function behind(middleware, sub) {
  const app = express();
  app.get("/", middleware, (request, response) => response.send(sub(request)));
  app.use((error, _request, response, _next) => response.status(error.status ?? 500).send(`${error.name}: ${error.message}`));
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    async verify(token) {
      const url = `http://127.0.0.1:${server.address().port}/`;
      const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
      const text = await answer.text();
      if (answer.ok) return text;
      throw Object.assign(new Error(text), { name: String(answer.status) });
    },
  };
}
