/** A TLS front, as API Gateway is with a domain of one's own. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:https";
import { join } from "node:path";

/** A certificate for localhost that signs itself. */
export function makeCertificate(directory) {
  const [key, certificate] = [join(directory, "key.pem"), join(directory, "certificate.pem")];
  const options = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost";
  const extensions = ["subjectAltName=DNS:localhost", "keyUsage=critical,digitalSignature,keyCertSign"];
  const added = extensions.flatMap((extension) => ["-addext", extension]);
  execFileSync("openssl", [...options.split(" "), ...added, "-keyout", key, "-out", certificate], { stdio: "pipe" });
  return { key, certificate };
}

/** Passes requests on to the service on this port. */
export async function startFront({ key, certificate }, port) {
  const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, pass);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `https://localhost:${server.address().port}`;

  async function pass(incoming, outgoing) {
    const { method, url: path, headers } = incoming;
    const passedOn = request({ host: "127.0.0.1", port, method, path, headers: { ...headers, connection: "close" } });
    incoming.pipe(passedOn);
    try {
      const [answer] = await once(passedOn, "response");
      outgoing.writeHead(answer.statusCode, { ...answer.headers, connection: "close" });
      answer.pipe(outgoing);
    } catch {
      outgoing.writeHead(502).end();
    }
  }
  return { url, stop: () => server.close() };
}
