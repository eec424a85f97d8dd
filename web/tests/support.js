/**
 * What the tests share: the real service, browsers with tabs, a clock that a test moves, and a network that fails as told.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

/** The client as several pages would load it, each for itself: what is loaded from another folder is another module. */
const dist = new URL("../dist/", import.meta.url);
const copies = mkdtempSync(join(tmpdir(), "ratchet-pages-"));
process.on("exit", () => rmSync(copies, { recursive: true }));
writeFileSync(join(copies, "package.json"), '{ "type": "module" }');
const folders = ["2", "3", "4", "5"].map((page) => {
  cpSync(dist, join(copies, page), { recursive: true });
  return pathToFileURL(join(copies, page, "/"));
});
const ENTRIES = ["index.js", "account.js", "factors.js", "passkeys.js"];
const load = async (folder) => Object.assign({}, ...(await Promise.all(ENTRIES.map((entry) => import(new URL(entry, folder))))));
const pages = await Promise.all([dist, ...folders].map(load));

const project = fileURLToPath(new URL("../..", import.meta.url));
const json = { "content-type": "application/json" };

/** What is started: `cargo run`, or the binary that it would build where one is named. */
const { RATCHET_LOCAL } = process.env;
const [program, ...first] = RATCHET_LOCAL ? [RATCHET_LOCAL] : ["cargo", "run", "--quiet", "--"];

/** Starts the service with these settings, and everything in memory unless a directory is given. */
export async function startService(settings = {}, { port = 0, directory, mail = true } = {}) {
  const data = directory ? ["--data-dir", directory] : ["--memory"];
  const off = mail ? [] : ["--no-mail"];
  const child = spawn(program, [...first, ...data, ...off, "--port", String(port), "--dynamodb-port", "0"], {
    cwd: project,
    env: { ...process.env, PASSWORD_MEMORY_KIB: "7168", PASSWORD_ITERATIONS: "1", LOG_LEVEL: "ERROR", ...settings },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said = {};
  await new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`${program} ended with ${code}`)));
    createInterface(child.stdout).on("line", (line) => {
      const [, name, address] = /^(API|DynamoDB)\s+(http\S+)/.exec(line) ?? [];
      if (name) said[name] = address;
      if (name === "DynamoDB") resolve();
    });
  });
  const stop = async () => {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  };
  return { url: said.API, dynamodb: said.DynamoDB, stop };
}

/** Runs the command `ratchet` on the tables of a service. */
export async function operate(service, ...command) {
  const ratchet = RATCHET_LOCAL ? [join(dirname(RATCHET_LOCAL), "ratchet")] : ["cargo", "run", "--quiet", "-p", "cli", "--"];
  const [program, ...own] = [...ratchet, "--endpoint-url", service.dynamodb, ...command];
  await promisify(execFile)(program, own, { cwd: project });
}

let people = 0;
/** Somebody without an account so far. */
export function somebody() {
  people += 1;
  const id = `${process.pid}-${people}-${Math.random().toString(36).slice(2)}`;
  return { email: `ada-${id}@example.com`, password: `Tangle velvet ${id} orbit`, name: "Ada Lovelace" };
}

/** The newest mail of a kind to an address, as the inbox of a service has it. Waits until it comes. */
export async function mailTo(service, to, kind) {
  const patience = AbortSignal.timeout(10_000);
  for (;;) {
    const response = await fetch(`${service.url}/_inbox/messages?to=${encodeURIComponent(to)}`, { signal: patience });
    const mail = (await response.json()).find((message) => message.kind === kind);
    if (mail) return mail;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A promise that a test settles. */
export function promise() {
  let resolve, reject;
  const settled = new Promise((yes, no) => ([resolve, reject] = [yes, no]));
  return Object.assign(settled, { resolve, reject });
}

/** Lets everything happen that is only a promise or a message away. */
export async function settle() {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * Two clocks and their timers. Short timers go off by themselves and move the clocks on; a long one, such as the end of
 * a request's time, goes off when a test says so.
 */
export class Clock {
  now = 1_000;
  skew = 1_700_000_000_000;
  pauses = [];
  #timers = new Set();
  constructor({ own = 14_000 } = {}) {
    this.own = own;
  }
  platform() {
    return {
      monotonic: () => this.now,
      wall: () => this.now + this.skew,
      setTimeout: (callback, ms) => this.#set(callback, ms),
      clearTimeout: (timer) => void this.#timers.delete(timer),
    };
  }
  #set(callback, ms) {
    const timer = { callback, at: this.now + ms };
    this.#timers.add(timer);
    if (ms < this.own) {
      this.pauses.push(ms);
      setImmediate(() => this.#timers.has(timer) && this.advance(Math.max(0, timer.at - this.now)));
    }
    return timer;
  }
  /** Both clocks go on. */
  advance(ms) {
    this.now += ms;
    for (const timer of [...this.#timers]) {
      if (timer.at <= this.now && this.#timers.delete(timer)) timer.callback();
    }
  }
  /** The device sleeps: only its wall clock goes on. */
  sleep(ms) {
    this.skew += ms;
  }
}

/** The real one, whatever a test puts in its place. */
const realFetch = globalThis.fetch;

/** Requests to the real network, counted, and changed as a test says. */
export class Network {
  requests = [];
  #faults = [];
  fetch = async (input, init) => {
    const request = new Request(input, init);
    const { pathname } = new URL(request.url);
    const authorization = request.headers.get("authorization");
    const body = await request.clone().text();
    this.requests.push({ method: request.method, path: pathname, authorization, body });
    const send = (other = request) => realFetch(other);
    const fault = this.#faults.find(({ path, times }) => path === pathname && times > 0);
    if (!fault) return this.through(request, send);
    fault.times -= 1;
    return fault.answer(request, send);
  };
  /** How a request travels when nothing is wrong. */
  through = (_request, send) => send();
  /** The bodies that were sent to this path. */
  bodies(path) {
    return this.requests.filter((request) => request.path === path).map(({ body }) => JSON.parse(body));
  }
  count(path) {
    return this.requests.filter((request) => request.path === path).length;
  }
  /** The next requests to this path are answered by `answer(request, send)`. */
  on(path, answer, times = 1) {
    this.#faults.push({ path, answer, times });
    return this;
  }
  /** They get no answer at all. */
  fails(path, times = 1) {
    return this.on(path, () => Promise.reject(new TypeError("fetch failed")), times);
  }
  /** They get this one. */
  answers(path, status, body, headers = {}, times = 1) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return this.on(path, async () => new Response(text || null, { status, headers: { ...json, ...headers } }), times);
  }
  /** They reach the service with a token that is not genuine, so that it refuses them. */
  spoils(path, times = 1) {
    return this.on(path, spoilt, times);
  }
  /**
   * The next one waits until the test lets it go, and is then answered by `answer` or the service. Returns a promise of
   * the request that waits, and how it goes on.
   */
  holds(path, answer = (request, send) => this.through(request, send)) {
    const arrived = promise();
    const go = promise();
    this.on(path, async (request, send) => {
      arrived.resolve(request);
      await Promise.race([go, aborted(request.signal)]);
      return answer(request, send);
    });
    return { arrived, go: go.resolve };
  }
  /** The next one reaches the service, and its answer waits, with its cookie. */
  holdsAnswer(path) {
    const arrived = promise();
    const go = promise();
    const late = async (send) => {
      const response = await send();
      arrived.resolve(response);
      await go;
      return response;
    };
    this.on(path, (request, send) => this.through(request, () => late(send)));
    return { arrived, go: go.resolve };
  }
}

/** Sends a request, and loses its answer. */
export async function lose(_request, send) {
  await send();
  throw new TypeError("fetch failed");
}

/** Sends a request with a token that is not genuine. */
export function spoilt(request, send) {
  request.headers.set("authorization", "Bearer spoilt");
  return send();
}

function aborted(signal) {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason ?? new DOMException("", "AbortError"))));
}

/** One browser: what its tabs share. */
export class Browser {
  locks = new WebLocks();
  clock = new Clock();
  network = new Network();
  jar = new Jar();
  #items = new Map();
  #tabs = new Set();
  #clients = [];
  constructor(service, features = {}) {
    const all = { hasLocks: true, hasChannel: true, hasStorageEvents: true, hasRealTime: false };
    Object.assign(this, { service, ...all, ...features });
  }
  get items() {
    return this.#items;
  }
  /** What is stored of the session, if there is one. */
  get session() {
    return [...this.#items.values()].map((text) => JSON.parse(text)).find(({ session_id }) => session_id);
  }
  /** A client in a tab of its own. */
  tab({ platform, ...options } = {}) {
    const tab = { events: new EventTarget(), channels: new Set() };
    this.#tabs.add(tab);
    const { accountOf, createClient, factorsOf, passkeysOf } = pages[(this.#tabs.size - 1) % pages.length];
    const client = createClient({
      baseUrl: this.service.url,
      fetch: this.network.fetch,
      storage: "local",
      ...options,
      platform: {
        ...(this.hasRealTime ? {} : this.clock.platform()),
        locks: this.hasLocks ? this.locks : null,
        channel: (name) => (this.hasChannel ? this.#channel(tab, name) : null),
        events: this.hasStorageEvents ? tab.events : null,
        localStorage: () => this.#storage(tab),
        jar: this.jar,
        ...platform,
      },
    });
    client.account = accountOf(client);
    client.factors = factorsOf(client);
    client.passkeysWith = (authenticator) => passkeysOf(client, authenticator);
    client.seen = [];
    for (const event of ["signedin", "refreshed", "signedout"]) {
      client.on(event, (detail) => client.seen.push({ event, ...detail }));
    }
    this.#clients.push(client);
    return client;
  }
  /** The person deletes the site's data. */
  clear() {
    this.#items.clear();
    for (const tab of this.#tabs) tab.events.dispatchEvent(Object.assign(new Event("storage"), { key: null }));
  }
  close() {
    this.#clients.forEach((client) => client.close());
  }
  #others(tab) {
    return [...this.#tabs].filter((other) => other !== tab);
  }
  #storage(tab) {
    const change = (key, act) => {
      act();
      const event = Object.assign(new Event("storage"), { key, newValue: this.#items.get(key) ?? null });
      for (const other of this.#others(tab)) setImmediate(() => other.events.dispatchEvent(event));
    };
    return {
      getItem: (key) => this.#items.get(key) ?? null,
      setItem: (key, value) => change(key, () => this.#items.set(key, String(value))),
      removeItem: (key) => change(key, () => this.#items.delete(key)),
    };
  }
  #channel(tab, name) {
    const channel = { name, onmessage: null, close: () => tab.channels.delete(channel) };
    tab.channels.add(channel);
    channel.postMessage = (message) => {
      const data = structuredClone(message);
      for (const other of this.#others(tab)) {
        for (const to of other.channels) if (to.name === name) setImmediate(() => to.onmessage?.({ data }));
      }
    };
    return channel;
  }
}

/** The cookies that scripts of a page can read. */
class Jar {
  #cookies;
  constructor(cookies = []) {
    this.#cookies = new Map(cookies);
  }
  /** What comes back after a crash. */
  copy() {
    return new Jar(this.#cookies);
  }
  get cookie() {
    return [...this.#cookies].map((pair) => pair.join("=")).join("; ");
  }
  set cookie(text) {
    const [, name, value] = /^(\w+)=(\w*); /.exec(text);
    this.#cookies.set(name, value);
  }
}

/** Web Locks, which Node has only since version 24. */
class WebLocks {
  #queues = new Map();
  async request(name, { ifAvailable = false, signal }, callback) {
    const queue = this.#queues.get(name) ?? [];
    this.#queues.set(name, queue);
    if (queue.length > 0 && ifAvailable) return callback(null);
    const turn = promise();
    queue.push(turn);
    if (queue.length === 1) turn.resolve();
    const leave = () => {
      const wasFirst = queue[0] === turn;
      queue.splice(queue.indexOf(turn), 1);
      if (wasFirst) queue[0]?.resolve();
    };
    try {
      await (signal ? Promise.race([turn, aborted(signal)]) : turn);
      return await callback({ name });
    } finally {
      leave();
    }
  }
  /** Takes a lock as a tab that is frozen would. Returns how to give it back. */
  async freeze(name) {
    const thaw = promise();
    const taken = promise();
    this.request(name, {}, () => (taken.resolve(), thaw));
    await taken;
    return thaw.resolve;
  }
}

/** The origin of the pages that a service may allow to use cookies. */
export const ORIGIN = "http://app.localhost";

/** Makes a network keep cookies, and name its page's origin, as a browser does. */
export function withCookies(network) {
  let cookie;
  network.cookie = () => cookie;
  network.setCookie = (value) => (cookie = value);
  network.through = async (request, send) => {
    request.headers.set("origin", ORIGIN);
    if (request.credentials === "include" && cookie) request.headers.set("cookie", `theme=dark; ${cookie}`);
    const response = await send();
    const [set, value] = /^__Host-refresh_token=([^;]*);.*HttpOnly/.exec(response.headers.get("set-cookie") ?? "") ?? [];
    if (set && request.credentials === "include") cookie = value ? `__Host-refresh_token=${value}` : undefined;
    return response;
  };
  return network;
}

/** Answers as a route that begins another session does: with a sign-in of this person, and more. */
export const newSession = (service, { email, password }, more = {}) => async () => {
  const body = JSON.stringify({ email, password });
  const response = await realFetch(`${service.url}/login`, { method: "POST", headers: json, body });
  return Response.json({ ...(await response.json()), ...more });
};

/** What a promise rejects with. */
export async function rejection(failing) {
  return failing.then(
    () => {
      throw new Error("it should have been rejected");
    },
    (error) => error,
  );
}

/** A browser with one tab in which somebody has registered at this service. */
export async function signedInAt(service, options, features) {
  const browser = new Browser(service, features);
  const client = browser.tab(options);
  const person = somebody();
  const user = await client.register(person);
  return { browser, client, user, person, network: browser.network, clock: browser.clock };
}
