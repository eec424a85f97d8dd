/** A TLS front, as API Gateway is with a domain of one's own. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:https";
import { join } from "node:path";

/** An authority, and a certificate for localhost that it signs. `authority` is what libraries should trust. */
export function makeCertificate(directory) {
  const [key, certificate, authorityKey, authority, request] = ["key", "certificate", "authority-key", "authority", "request"].map((name) =>
    join(directory, `${name}.pem`),
  );
  const openssl = (options, ...more) => execFileSync("openssl", [...options.split(" "), ...more], { stdio: "pipe" });
  const newKey = "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
  const ofAuthority = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"];
  openssl(`${newKey} -x509 -days 2 -subj /CN=authority`, ...ofAuthority, "-keyout", authorityKey, "-out", authority);
  openssl(`${newKey} -subj /CN=localhost`, "-keyout", key, "-out", request);
  const extensions = join(directory, "extensions");
  writeFileSync(extensions, "subjectAltName=DNS:localhost\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n");
  openssl("x509 -req -days 2", "-in", request, "-CA", authority, "-CAkey", authorityKey, "-CAcreateserial", "-extfile", extensions, "-out", certificate);
  return { key, certificate, authority };
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
