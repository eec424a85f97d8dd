/** A server of files on this machine, for pages without a development server. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

/** Serves a directory on a free port until the test ends, and returns its address. */
export async function serve(t, directory) {
  const server = createServer(async ({ url }, response) => {
    const { pathname } = new URL(url, "http://127.0.0.1");
    const path = normalize(pathname.endsWith("/") ? `${pathname}index.html` : pathname);
    const content = await readFile(join(directory, path)).catch(() => null);
    response.writeHead(content ? 200 : 404, { "content-type": TYPES[extname(path)] ?? "text/plain" }).end(content);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}`;
}
