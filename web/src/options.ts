/** The options of `createClient`, and the resulting settings. */
import { platformOf } from "./browser.js";
import { misconfigured } from "./errors.js";
import { type FullPlatform, localStorageOf, type Platform } from "./platform.js";

/** The options of `createClient`. */
export interface ClientOptions {
  /** The address of Ratchet: https, or http on a loopback address. A path, such as the name of a stage, is kept. */
  baseUrl: string | URL;
  /**
   * The transport of the refresh token. `cookie`: in a cookie that no script can read; the page must be on the same site as the
   * API, at its `ALLOWED_ORIGIN`. `body` (the default): in JSON, so that the client keeps it in `storage`.
   */
  transport?: "body" | "cookie";
  /**
   * Where the session is kept: `memory` (the default: in this tab, until it is closed or reloaded), `local` (the browser's
   * localStorage, which all tabs share and every script of the page's origin can read), or your own store. In your own
   * store a tab keeps its own session, unless all tabs share the store. A tab that is duplicated, with a copy of its
   * sessionStorage, shares the session with the first one: each tells the other the new tokens, over a BroadcastChannel. In
   * pages without one (Safari before 15.4) they pass through localStorage, where they stay for no longer than it takes to
   * tell. Where the page has no localStorage either, the tabs can't tell each other, and a copy that is refreshed after the
   * other one ends the session of both.
   */
  storage?: "memory" | "local" | TokenStorage;
  /**
   * Where device tokens are kept. They let this device sign in while somebody else guesses the password, and are not
   * credentials. The default is `local`, whatever `storage` is: a device stays the same after a reload. Outside of a page it
   * is `storage`.
   */
  deviceStorage?: "memory" | "local" | TokenStorage;
  /** Further origins whose requests get the access token, such as `https://api.example.com`. */
  origins?: readonly string[];
  /** The prefix of the names of stored items, locks and channels. The default is made from `baseUrl`. */
  key?: string;
  /** Whether a refresh sends the access token too: for a service with `REFRESH_REQUIRES_ACCESS_TOKEN`. */
  sendAccessToken?: boolean;
  /** How long one request to Ratchet may take. The default is 15 000, and the most 24 days. */
  timeoutMs?: number;
  /** How a refresh or a logout is repeated while the service can't be reached. */
  retry?: Partial<RetryOptions>;
  /** Replaces the browser's own `fetch`. */
  fetch?: typeof fetch;
  /** Replaces the rest of the browser, for tests. */
  platform?: Partial<Platform>;
}

/** How a request to Ratchet is repeated. */
export interface RetryOptions {
  /** The largest number of requests, the first one included. The default is 4. */
  tries: number;
  /** The longest first pause. It doubles each time; the actual pause is random, from nothing up to it. The default is 300. */
  firstPauseMs: number;
  /** The longest pause, unless `Retry-After` requires more, which is respected for five minutes at most. The default
   * is 8 000. */
  longestPauseMs: number;
  /** No request begins later than this after the first. The default is 20 000. */
  budgetMs: number;
}

/**
 * A store for tokens: the part of `Storage` that the client uses, so `sessionStorage` is one. Each method may also return a
 * promise. While a store throws or rejects, the session lives in memory; the next call tries the store again.
 */
export interface TokenStorage {
  getItem(name: string): string | null | Promise<string | null>;
  setItem(name: string, value: string): void | Promise<void>;
  removeItem(name: string): void | Promise<void>;
}

/** The options, checked and with their defaults. */
export interface Settings extends Required<Omit<ClientOptions, "baseUrl" | "transport" | "origins">> {
  base: URL;
  cookie: boolean;
  origins: ReadonlySet<string>;
  retry: RetryOptions;
  platform: FullPlatform;
}

const OPTIONS = "baseUrl transport storage deviceStorage origins key sendAccessToken timeoutMs retry fetch platform".split(" ");
const RETRY: RetryOptions = { tries: 4, firstPauseMs: 300, longestPauseMs: 8_000, budgetMs: 20_000 };

export function settingsOf(given: ClientOptions): Settings {
  const options = given ?? {};
  checkNames("options", options, OPTIONS);
  checkNames("retry", options.retry, Object.keys(RETRY));
  const { transport = "body", storage = "memory", origins = [] } = options;
  if (!Array.isArray(origins)) throw misconfigured("origins must be a list");
  if (!options.fetch && !globalThis.fetch) throw misconfigured("fetch is missing here");
  checkKind(options, "fetch", "function");
  checkKind(options, "key", "string");
  checkKind(options, "sendAccessToken", "boolean");
  checkKind(options, "timeoutMs", "number");
  const retry: any = { ...options.retry };
  for (const [name, fallback] of Object.entries(RETRY)) {
    checkKind(retry, name, "number");
    retry[name] ??= fallback;
  }
  checkStore("storage", storage);
  checkStore("deviceStorage", options.deviceStorage);
  if (transport !== "body" && transport !== "cookie") throw misconfigured("transport must be body or cookie");
  const base = safeOrigin("baseUrl", options.baseUrl);
  // With and without a trailing slash it is the same address.
  base.pathname = base.pathname.replace(/\/*$/, "/");
  const platform = platformOf(options.platform);
  const cookie = transport === "cookie";
  return {
    base,
    cookie,
    storage,
    // Only in a page: Node warns when localStorage is accessed.
    deviceStorage: options.deviceStorage ?? (platform.jar && localStorageOf(platform) ? "local" : storage),
    origins: new Set([base, ...origins.map((origin) => safeOrigin("origins", origin))].map(({ origin }) => origin)),
    key: options.key ?? `ratchet:${base.href}`,
    sendAccessToken: !!options.sendAccessToken,
    timeoutMs: Math.min(options.timeoutMs ?? 15_000, 2 ** 31 - 1), // a timer that is set for longer goes off at once
    retry,
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    platform,
  };
}

/** Refuses a value of another type. A number must not be negative: with such a number no answer would be awaited, or
 * for ever. */
function checkKind(of: object, option: string, kind: "function" | "string" | "boolean" | "number") {
  const value = (of as any)[option];
  if (value === undefined || (typeof value === kind && (kind !== "number" || value >= 0))) return;
  throw misconfigured(`${option} must be a ${kind}`);
}

function checkStore(option: string, store: any) {
  if ([undefined, "local", "memory"].includes(store)) return;
  if (["getItem", "setItem", "removeItem"].every((name) => typeof store?.[name] === "function")) return;
  throw misconfigured(`${option} must be memory, local or an object with getItem, setItem and removeItem`);
}

/** Refuses an unknown option: it would be misspelled, and have no effect. */
function checkNames(of: string, given: object = {}, known: readonly string[]) {
  if (!given || typeof given !== "object") throw misconfigured(`${of} must be an object`);
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined) throw misconfigured(`${of} must not have ${unknown}`);
}

/** Returns the URL of an address to which tokens may go. */
function safeOrigin(option: string, address: string | URL): URL {
  let url;
  try {
    url = new URL(String(address || "http:"), globalThis.location?.href);
  } catch {
    throw misconfigured(`${option} must be a URL`);
  }
  if (url.username || url.password || /[?#]/.test(url.href)) {
    throw misconfigured(`${option} must have no credentials, query or fragment`);
  }
  if (option === "origins" && url.pathname !== "/") throw misconfigured("origins must have no path");
  if (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname))) return url;
  throw misconfigured(`${option} must be https, or http on a loopback address`);
}

/** Returns whether a host is a loopback address, in the spelling of a parsed URL. */
const isLoopback = (host: string) => /^(127(\.\d+){3}|\[::1\]|(.+\.)?localhost)$/.test(host);
