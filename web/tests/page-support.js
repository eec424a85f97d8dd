/** The page of `cargo run` in headless Chromium, as `web/` has it, and a service behind it whose answers a test may replace. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";
import { promise } from "./support.js";

const FILES = /^\/(page|dist)\/[a-z-]+\.(js|css|svg)$/;
const ADDRESSES = ["/", "/login"];
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
/** What `cargo run` lets the page load. */
const served = await readFile(new URL("../../local/src/page.rs", import.meta.url), "utf8");
const policy = /const POLICY: &str = "(.+?)";/s.exec(served)[1].replace(/\\\n\s*/g, "");
/** The headers that pass between the page and the service. */
const ASKED = ["content-type", "authorization", "user-agent"];
const ANSWERED = ["content-type", "retry-after", "www-authenticate", "is-token-expired"];

const pick = (names, valueOf) => names.map((name) => [name, valueOf(name)]).filter(([, value]) => value != null);

/** Serves the page until the test ends, and passes on to the service what it asks for. */
async function startSite(t, service) {
  const requests = [];
  const faults = new Map();
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, service.url);
    const asked = `${request.method} ${pathname}`;
    const isPage = request.method === "GET" && ADDRESSES.includes(pathname);
    const file = isPage ? "/page/index.html" : FILES.test(pathname) && pathname;
    if (file) {
      const content = await readFile(new URL(`..${file}`, import.meta.url));
      const headers = { "content-type": TYPES[extname(file)], "content-security-policy": policy };
      return response.writeHead(200, headers).end(content);
    }
    requests.push(asked);
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = chunks.length > 0 ? Buffer.concat(chunks) : undefined;
    const headers = Object.fromEntries(pick(ASKED, (name) => request.headers[name]));
    const send = () => fetch(service.url + request.url, { method: request.method, headers, body });
    const answer = await (faults.get(asked) ?? send)(send, body?.toString());
    const answered = Object.fromEntries(pick(ANSWERED, (name) => answer.headers.get(name)));
    response.writeHead(answer.status, answered).end(await answer.text());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => (server.close(), server.closeAllConnections()));
  return { url: `http://localhost:${server.address().port}/`, requests, faults };
}

const FIND = "const find = (id) => document.getElementById(id);";

/** Whether the page knows who is signed in. */
const IS_THERE = "!find('signed-in').hidden || !find('signed-out').hidden";

/** Opens the page as the service itself has it, by the name of this machine, at which there are passkeys. */
export async function openOwnPage(browser, service) {
  const page = pageIn(browser);
  await browser.open(service.url.replace("127.0.0.1", "localhost"));
  await page.until(IS_THERE);
  return page;
}

/** What a test does with the page that is open in a browser. */
function pageIn(browser) {
  const run = (script) => browser.run(FIND + script);
  const until = (condition) => run(`while (!(${condition})) await new Promise((resolve) => setTimeout(resolve, 5))`);
  const isIdle = until.bind(null, "!document.querySelector('[aria-busy]')");
  return {
    run,
    until,
    /** The text of an element, or whatever the page says as `status` or `alert`. */
    text: (id) =>
      run(
        ["status", "alert"].includes(id)
          ? `return [...document.querySelectorAll("[role=${id}]")].map(({ textContent }) => textContent).join("")`
          : `return find("${id}").textContent`,
      ),
    async press(id) {
      await run(`find("${id}").click()`);
      await isIdle();
    },
    /** Fills a form, by the names of its fields, and sends it. */
    async send(form, fields) {
      await run(`
        for (const [name, value] of Object.entries(${JSON.stringify(fields)})) find("${form}").elements[name].value = value;
        find("${form}").requestSubmit();`);
      await isIdle();
    },
  };
}

/**
 * Opens the page of a service in a browser, and waits until it knows whether somebody is signed in. `answers` take the place of
 * those of the service: each is a function of what the service would answer and of the body.
 */
export async function openPage(t, browser, service, answers = {}) {
  const { url, requests, faults } = await startSite(t, service);
  for (const [asked, answer] of Object.entries(answers)) faults.set(asked, answer);
  const page = pageIn(browser);
  await browser.open(url);
  await page.until(IS_THERE);
  return {
    ...page,
    count: (asked) => requests.filter((request) => request === asked).length,
    /** What is asked for, as `POST /login`, is answered like this from now on. */
    answers: (asked, status, body, headers = {}) => faults.set(asked, () => Response.json(body, { status, headers })),
    /** The same, answered by a function of what the service would answer and of the body. */
    stands: (asked, answer) => faults.set(asked, answer),
    /** What is asked for waits until the test lets it go, and is then answered by the service or as before. */
    holds(asked) {
      const [arrived, go] = [promise(), promise()];
      const answer = faults.get(asked) ?? ((send) => send());
      faults.set(asked, async (send) => (arrived.resolve(), await go, answer(send)));
      return { arrived, go: go.resolve };
    },
    openLink: (kind, code) => page.run(`location.hash = "${kind}=${code}"`),
  };
}
