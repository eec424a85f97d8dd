/**
 * Ratchet's browser client: signs in, keeps the session, and adds the access token to your requests.
 *
 * Durations are in seconds where the server says them, and in milliseconds where a name ends in `Ms`.
 */

/** Makes a client. @throws {RatchetError} `misconfigured` names the option. */
export function createClient(options: ClientOptions): Client;

export interface ClientOptions {
  /** Where Ratchet answers: https, or http on a loopback address. A path, such as the name of a stage, is kept. */
  baseUrl: string | URL;
  /**
   * How the refresh token travels. `cookie`: in a cookie that no script can read; the page must be on the same site as
   * the API, at its `ALLOWED_ORIGIN`. `body` (the default): in JSON, so that this module keeps it in `storage`.
   */
  transport?: "body" | "cookie";
  /**
   * Where the session is kept: `memory` (the default: in this tab, until it is closed or reloaded), `local` (the
   * browser's localStorage, shared by all tabs and read by every script of the page's origin), or a store of your own.
   */
  storage?: "memory" | "local" | TokenStorage;
  /**
   * Where device tokens are kept, which let this device sign in while somebody guesses the password elsewhere. They
   * are no credentials. The default is `storage`, and `local` with the cookie transport.
   */
  deviceStorage?: "memory" | "local" | TokenStorage;
  /** Further origins whose requests get the access token, such as `https://api.example.com`. */
  origins?: readonly string[];
  /** What names of stored items, locks and channels begin with; made from `baseUrl` if absent. */
  key?: string;
  /** Whether a refresh brings the access token along: for a service with `REFRESH_REQUIRES_ACCESS_TOKEN`. */
  sendAccessToken?: boolean;
  /** How long one request to Ratchet may take. 15 000. */
  timeoutMs?: number;
  /** How a refresh or logout is repeated while the service can't be reached. */
  retry?: Partial<RetryOptions>;
  /** In place of the browser's own `fetch`. */
  fetch?: typeof fetch;
  /** In place of the rest of the browser, for tests. */
  platform?: Partial<Platform>;
}

export interface RetryOptions {
  /** Requests at most, the first one included. 4. */
  tries: number;
  /** The longest first pause; it doubles each time, and the real one is anything from nothing to it. 300. */
  firstPauseMs: number;
  /** The longest pause, unless `Retry-After` asks for more. 8 000. */
  longestPauseMs: number;
  /** No request begins later than this after the first. 20 000. */
  budgetMs: number;
}

/**
 * A store for tokens: the part of `Storage` that this module uses, so `sessionStorage` is one. Each method may also
 * answer with a promise. One that throws or rejects is not asked again; the session then lives in memory.
 */
export interface TokenStorage {
  getItem(name: string): string | null | Promise<string | null>;
  setItem(name: string, value: string): void | Promise<void>;
  removeItem(name: string): void | Promise<void>;
}

/** The user, as the service knows them. */
export interface User {
  id: string;
  name: string;
  /** In its normalised spelling. */
  email: string;
  roles: string[];
}

export interface Client {
  /** Whose session this is; `null` when nobody is known to be signed in. Call {@link Client.resume} first. */
  readonly user: User | null;
  /**
   * Takes up the session that this browser already has, from `storage` or by its cookie, and says whose it is.
   * Rejects when the service can't be reached to ask, which says nothing about the session.
   */
  resume(): Promise<User | null>;
  /** Makes an account and signs in. Not repeated by itself. */
  register(account: { email: string; password: string; name: string }): Promise<User>;
  /** Signs in. Not repeated by itself. */
  login(credentials: { email: string; password: string }): Promise<User>;
  /**
   * Signs out: here at once, on all tabs of this browser, then on the server. If the server can't be reached it rejects,
   * this browser stays signed out, and the next call tries the server again.
   */
  logout(): Promise<void>;
  /** Changes the password. Every other session of the user ends. */
  changePassword(passwords: { currentPassword: string; newPassword: string }): Promise<User>;
  /** The user's sessions on all devices. */
  readonly sessions: Sessions;
  /**
   * `fetch` with the access token, which is refreshed when it is due. A path is taken below `baseUrl`.
   *
   * On a 401 that refuses the token it is refreshed and the request repeated, once. All else is your answer, a second 401 too.
   * Rejects with a {@link RatchetError}, or with the reason of `init.signal` when that aborts.
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /**
   * For a request that something else than {@link Client.fetch} sends, such as the interceptor of an HTTP library: the
   * access token, which is refreshed when it is due. A relative address is taken as the browser takes it.
   *
   * `null` is to send the request without a token: nobody is signed in, or it goes to none of the origins that may see one.
   */
  authorize(url: string | URL): Promise<Authorization | null>;
  /** Exchanges the refresh token now, unless another tab has just done so. */
  refresh(): Promise<User>;
  /** Forgets the access token, so that the next request refreshes first. */
  clearAccessToken(): Promise<void>;
  /** What is known of the tokens. `null` when nobody is signed in. An estimate; the server decides. */
  status(): Status | null;
  /** Calls `listener` whenever it happens, in this tab or another. Returns what ends that. */
  on<K extends keyof Events>(event: K, listener: (detail: Events[K]) => void): () => void;
  /** Stops listening to other tabs. */
  close(): void;
}

export interface Authorization {
  /** For the header `Authorization: Bearer`. */
  readonly accessToken: string;
  /**
   * Reads the answer to that request. If it refuses the token, the token is refreshed, and this is what to send the request
   * with again. `null` if the answer stands, as it does when nobody is signed in any more, and always the second time.
   */
  renew(answer: Answer): Promise<Authorization | null>;
}

/** An answer to a request: a `Response`, or what else has its status and headers, such as Angular's `HttpErrorResponse`. */
export type Answer = Response | { status: number; headers: Pick<Headers, "get" | "has">; error?: any };

export interface Sessions {
  list(): Promise<SessionList>;
  /** Ends one. If it is this one, this browser is signed out. */
  end(id: string): Promise<void>;
  /** Ends all but this one. */
  endOthers(): Promise<void>;
  /** Ends all, this one too. */
  endAll(): Promise<void>;
}

/** Times are seconds since the Unix epoch, by the service's clock: compare them with `server_time`. */
export interface SessionList {
  server_time: number;
  /** The newest first. */
  sessions: SessionInfo[];
}

export interface SessionInfo {
  id: string;
  /** Whether it is the one that asks. */
  current: boolean;
  created_at: number;
  last_used_at: number;
  expires_at: number;
  user_agent?: string | null;
  source_ip?: string | null;
}

export interface Status {
  user: User;
  sessionId: string;
  /** Seconds that the access token is good for; 0 when it has expired or was cleared. */
  accessTokenExpiresIn: number;
  /** Seconds until the next request refreshes ahead of expiry. */
  refreshAfter: number;
  /** Seconds that the session lives without a refresh. */
  refreshTokenExpiresIn: number;
  /** When the tokens were issued, by this device's clock. */
  refreshedAt: Date;
}

export interface Events {
  /** There is a session, where there was none or another one. */
  signedin: { user: User; elsewhere: boolean };
  /** The tokens are new. */
  refreshed: { user: User; elsewhere: boolean };
  /** The session is over for this browser. */
  signedout: { user: User; reason: SignedOutReason; elsewhere: boolean };
}

/**
 * Why a session is over:
 * - `logout`: `logout()` was called, here or in another tab;
 * - `ended`: it was ended by `sessions.end()` or `sessions.endAll()`;
 * - `refused`: the service refuses to refresh it. It has expired, was revoked elsewhere, or its refresh token was stolen;
 * - `replaced`: another user signed in, here or in another tab;
 * - `cleared`: what was stored has been deleted.
 */
export type SignedOutReason = "logout" | "ended" | "refused" | "replaced" | "cleared";

/** What {@link Client} rejects with. */
export class RatchetError extends Error {
  constructor(code: ErrorCode, message: string, more?: { status?: number; retryAfter?: number; cause?: unknown });
  readonly name: "RatchetError";
  readonly code: ErrorCode;
  /** Of the answer, if there was one. */
  readonly status?: number;
  /** Seconds to wait before the next try, if the service said so. */
  readonly retryAfter?: number;
}

/** The first are the service's own, see openapi.yaml; the others are this module's. */
export type ErrorCode =
  | "invalid_request"
  | "invalid_credentials"
  | "invalid_grant"
  | "invalid_token"
  | "insufficient_scope"
  | "not_found"
  | "email_taken"
  | "payload_too_large"
  | "unsupported_media_type"
  | "too_many_attempts"
  | "too_many_requests"
  | "temporarily_unavailable"
  /** Nobody is signed in, or the session ended while the request waited. */
  | "signed_out"
  /** Another user signed in while the request waited. It was not repeated in their name. */
  | "user_changed"
  /** No answer. The session is as it was. */
  | "network"
  /** An answer that Ratchet does not give. The session is as it was. */
  | "unexpected_answer"
  /** The request's origin is neither that of `baseUrl` nor one of `origins`. Nothing was sent. */
  | "origin_refused"
  /** The answer is a redirect, which is not followed: it could take the token elsewhere. */
  | "redirect_refused"
  /** A stream can't be sent twice, which a refresh may need. Nothing was sent. */
  | "stream_refused"
  /** An option of `createClient`. */
  | "misconfigured";

/** What this module uses of the browser besides `fetch`. */
export interface Platform {
  /** Milliseconds that never jump; they may stand still while the device sleeps. */
  monotonic(): number;
  /** Milliseconds of the device's clock, only ever compared with itself. */
  wall(): number;
  /** From 0 up to 1. */
  random(): number;
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(timer: any): void;
  /** Web Locks, or `null` where there are none. */
  locks: Locks | null;
  /** Opens a channel to the other tabs, or answers `null` where there is none. */
  channel(name: string): Channel | null;
  /** What tells of stored items that changed and of pages that come back: the window. */
  events: Pick<EventTarget, "addEventListener" | "removeEventListener"> | null;
  localStorage(): Storage;
}

/** The part of `LockManager` that this module uses. */
export interface Locks {
  request<T>(
    name: string,
    options: { ifAvailable?: boolean; signal?: AbortSignal },
    callback: (lock: unknown) => Promise<T>,
  ): Promise<T>;
}

/** The part of `BroadcastChannel` that this module uses. */
export interface Channel {
  postMessage(message: unknown): void;
  onmessage: ((event: any) => void) | null;
  close(): void;
}
