/** The interface of the client. */
import type { Events } from "./events.js";
import type { User } from "./session.js";

export interface Client {
  /** The user of the session; `null` if no user is known. Call {@link Client.resume} first. */
  readonly user: User | null;
  /**
   * Resumes the session that this browser already has, from `storage` or by its cookie, and returns its user.
   *
   * Rejects if the service cannot be reached, which means nothing for the session.
   */
  resume(): Promise<User | null>;
  /**
   * Creates an account and signs in. The client does not repeat it by itself. If the service requires a verified address first,
   * use `register` of `@ratchet-auth/client/account`: here a pending registration is an `unexpected_answer`.
   */
  register(account: { email: string; password: string; name: string }): Promise<User>;
  /**
   * Signs in. The client does not repeat it by itself. If the account has a second factor and none is sent, this rejects
   * with `mfa_required`, and `error.factors` lists the accepted ones: ask for one, and send everything again.
   */
  login(credentials: { email: string; password: string } & SecondFactor): Promise<User>;
  /**
   * Signs out: here at once, in all tabs of this browser, then on the server. If the server cannot be reached, or finds no
   * cookie although there is a session, this rejects, the browser stays signed out, and the next call tries the server again.
   * With the refresh token in a cookie and `storage: "memory"` this lasts until the page is reloaded: the cookie that
   * the server could not clear is still there.
   */
  logout(): Promise<void>;
  /**
   * Changes the password. All the user's sessions end, and this browser continues with a new one, unless it was signed out
   * meanwhile. This waits for a pending refresh, and no tab begins one until the answer has arrived. Without an
   * answer (`network`) the password is the old one or the new one; the client does not repeat the change by itself.
   */
  changePassword(passwords: { currentPassword: string; newPassword: string } & SecondFactor): Promise<User>;
  /** The user's sessions on all devices. */
  readonly sessions: Sessions;
  /**
   * `fetch` with the access token, which is refreshed when it is due. A path is resolved below `baseUrl`.
   *
   * After a 401 that refuses the token, the token is refreshed and the request repeated, once. A 401 that requires
   *   more proof than
   * the session has (RFC 9470) rejects with `insufficient_user_authentication`: sign in with a second factor. Any other
   * answer is returned, including a second 401. Rejects with a {@link RatchetError}, or with the reason of
   *   `init.signal` if that aborts.
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /**
   * For a request that is not sent by {@link Client.fetch}, such as one of an HTTP library with interceptors: returns the
   * access token, which is refreshed when it is due. A relative address is resolved as the browser resolves it.
   *
   * Returns `null` if the request should be sent without a token: nobody is signed in, or its origin may not see one.
   */
  authorize(url: string | URL): Promise<Authorization | null>;
  /** Exchanges the refresh token now, unless another tab has just done so. */
  refresh(): Promise<User>;
  /** Discards the access token, so that the next request refreshes first. */
  clearAccessToken(): Promise<void>;
  /** Returns what is known about the tokens; `null` if nobody is signed in. It is an estimate; the server decides. */
  status(): Status | null;
  /** Calls `listener` for each event, in this tab or another. Returns a function that removes the listener. */
  on<K extends keyof Events>(event: K, listener: (detail: Events[K]) => void): () => void;
  /** Stops listening to other tabs. */
  close(): void;
}

/** A code of an authenticator app, or one of the recovery codes, as `error.factors` lists. */
export interface SecondFactor {
  totp?: string | undefined;
  recoveryCode?: string | undefined;
}

export interface Authorization {
  /** The token for the header `Authorization: Bearer`. */
  readonly accessToken: string;
  /**
   * Reads the answer to the request. If the answer refuses the token, this refreshes it and returns the new credentials for
   * the request. Returns `null` if the answer is final: if nobody is signed in any more, and always the second time.
   */
  renew(answer: Answer): Promise<Authorization | null>;
}

/** An answer to a request: a `Response`, or any object like Angular's `HttpErrorResponse` or the `response` of axios. */
export type Answer =
  | Response
  | {
      status: number;
      /** With a method `get`, or the values by their names in lower case. */
      headers: { get(name: string): unknown } | Record<string, any>;
      /** The body, if it was read already. */
      error?: any;
      data?: any;
    };

export interface Sessions {
  list(): Promise<SessionList>;
  /** Ends one session. If it is the current one, this browser is signed out. */
  end(id: string): Promise<void>;
  /** Ends all sessions but the current one. */
  endOthers(): Promise<void>;
  /** Ends all sessions, including the current one. */
  endAll(): Promise<void>;
}

/** Times are seconds since the Unix epoch by the service's clock: compare them with `server_time`. */
export interface SessionList {
  server_time: number;
  /** The newest first. */
  sessions: SessionInfo[];
}

export interface SessionInfo {
  id: string;
  /** Whether it is the current session. */
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
  /** Seconds that the access token is still valid; 0 when it has expired or was cleared. */
  accessTokenExpiresIn: number;
  /** Seconds until the next request refreshes ahead of expiry. */
  refreshAfter: number;
  /** Seconds that the session lives without a refresh, at most. At 0 it is over. Do not ask the service before: that
   * would renew it. */
  refreshTokenExpiresIn: number;
  /** When the tokens were issued, by this device's clock. */
  refreshedAt: Date;
}
