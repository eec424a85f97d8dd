/** A session as it is stored, and how it is read from the service's answers. */
import { RatchetError } from "./errors.js";
import type { Instant } from "./platform.js";

/** The user, as the service knows them. */
export interface User {
  id: string;
  name: string;
  /** The address in its normalised spelling. */
  email: string;
  /** Whether the user has verified the address. */
  email_verified: boolean;
  roles: string[];
  /** Members of the access token that an operator has added. Missing if there are none. */
  claims?: Record<string, unknown>;
}

/**
 * Why a session is over:
 * - `logout`: `logout()` was called, here or in another tab;
 * - `ended`: it was ended by `sessions.end()` or `sessions.endAll()`, or with its account;
 * - `refused`: the service refuses to refresh it. It has expired, was revoked elsewhere, or its refresh token was stolen;
 * - `replaced`: another user signed in, here or in another tab;
 * - `cleared`: the stored session has been deleted.
 */
export type SignedOutReason = "logout" | "ended" | "refused" | "replaced" | "cleared";

/** A session as it is stored. */
export interface Session {
  session_id: string;
  user: User;
  /** Empty when it was cleared. */
  access_token: string;
  /** Missing with the cookie transport. */
  refresh_token?: string | undefined;
  /** The key to refresh this very token with, stored before the token was sent. Missing with the cookie transport. */
  retry_key?: string | undefined;
  /** The device's time when the tokens were requested. */
  at: number;
  /** How often this browser has refreshed the session. */
  count: number;
  expires_in: number;
  refresh_after: number;
  refresh_expires_in: number;
}

/** The mark that a session leaves, so that no late answer revives it. `ended` is `null` if its id was not known. */
export interface Ended {
  ended: string | null;
  reason: SignedOutReason;
}

/** The stored value. `null` is nothing: signed out, or unknown with the cookie transport. */
export type Kept = Session | Ended | null;

export const isSession = (kept: any): kept is Session =>
  typeof kept?.session_id === "string" && typeof kept.user?.id === "string";

/** Returns whether these are all members of a session, each of its type. A store may have damaged them. */
export const isWhole = (session: any, cookie: boolean): session is Session => {
  const { access_token, refresh_token = "", retry_key = "", at, count, expires_in, refresh_after, refresh_expires_in } =
    session ?? {};
  const texts = [access_token, refresh_token, retry_key];
  const numbers = [at, count, expires_in, refresh_after, refresh_expires_in];
  return (
    isSession(session) &&
    !refresh_token === cookie &&
    texts.every((text) => typeof text === "string") &&
    numbers.every(Number.isFinite)
  );
};

/** Returns the id of the stored session, or of the one that has ended. */
export const idOf = (kept: Kept): string | null => (isSession(kept) ? kept.session_id : (kept?.ended ?? null));

/** Returns whether both are the same session with the same refresh token. */
export const isSame = (one: Kept, other: Kept): boolean =>
  isSession(one) && isSession(other) && one.session_id === other.session_id && one.count === other.count;

/** Returns whether a value that was read is older than what is known: a store or a tab has lost, or restored, something. */
export const isOlder = (read: Kept, own: Kept): boolean =>
  isSession(read) && own !== null && idOf(own) === read.session_id && (!isSession(own) || read.count < own.count);

/** Returns what to keep when another tab sends its session. Of two retry keys for one token both tabs choose the same. */
export function newer(own: Kept, theirs: Kept): Kept {
  if (isOlder(theirs, own)) return own;
  if (isSession(theirs)) {
    return isSame(own, theirs) && keyOf(own as Session) <= keyOf(theirs) ? own : theirs;
  }
  if (!theirs || !isSession(own)) return theirs ?? own;
  return (theirs.ended ?? own.session_id) === own.session_id ? theirs : own;
}

/** A missing key comes after all others. */
const keyOf = ({ retry_key = "~" }: Session) => retry_key;

/** A token response. */
export interface NewSession {
  user: User;
  sent: Instant;
  deviceToken: unknown;
  /** Returns the session to store in place of the refreshed one, if there was one. */
  next(before: Session | null): Session;
}

/** Returns a reader for token responses. */
export const readTokens = (cookie: boolean) => (answer: any, sent: Instant): NewSession => {
  const { access_token, refresh_token, session_id, user, device_token, expires_in, refresh_after, refresh_expires_in } =
    answer ?? {};
  if (!access_token || !isWhole({ ...answer, at: 0, count: 0 }, cookie)) {
    throw new RatchetError("unexpected_answer", "The answer has not the right tokens.", { status: 200 });
  }
  const tokens = { session_id, user, access_token, refresh_token, at: sent.wall, expires_in, refresh_after };
  // The service counts from its answer and rounds down, and clocks differ a little in speed. A check whether the
  // session is over must not come before its end, which would renew it.
  const lasts = refresh_expires_in * 1.001 + 1 + sent.tookMs / 1000;
  return {
    user,
    sent,
    deviceToken: device_token,
    next: (before) => ({ ...tokens, refresh_expires_in: lasts, count: (before?.count ?? 0) + 1 }),
  };
};
