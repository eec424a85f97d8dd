import { type FullPlatform, type Platform } from "./platform.js";
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
export declare function settingsOf(given: ClientOptions): Settings;
