/** A session as it is stored, and how it is read from the service's answers. */
import { RatchetError } from "./errors.js";
import type { Instant } from "./platform.js";

/** The user, as the service knows them. */
export interface User {
  id: string;
  name: string;
  /** The address in its normalised spelling. */
  email: string;
  roles: string[];
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

/** A session as it is stored. */
export interface Session {
  session_id: string;
  user: User;
  /** Empty when it was cleared. */
  access_token: string;
  /** Missing with the cookie transport. */
  refresh_token?: string | undefined;
  /** The device's time when the tokens were asked for. */
  at: number;
  /** How often this browser has refreshed the session. */
  count: number;
  expires_in: number;
  refresh_after: number;
  refresh_expires_in: number;
}

/** The mark that a session leaves, so that no late answer brings it back. `ended` is `null` where its id was not known. */
export interface Ended {
  ended: string | null;
  reason: SignedOutReason;
}

/** What is stored. `null` is nothing: signed out, or with the cookie transport not known yet. */
export type Kept = Session | Ended | null;

export const isSession = (kept: any): kept is Session =>
  typeof kept?.session_id === "string" && typeof kept.user?.id === "string";

/** Returns what to keep when another tab sends what it holds. */
export function newer(own: Kept, theirs: Kept): Kept {
  if (isSession(theirs)) {
    if (isSession(own) && own.session_id === theirs.session_id) return theirs.count > own.count ? theirs : own;
    return own && "ended" in own && own.ended === theirs.session_id ? own : theirs;
  }
  if (!theirs || !isSession(own)) return theirs ?? own;
  return theirs.ended === null || theirs.ended === own.session_id ? theirs : own;
}

/** A token response. */
export interface NewSession {
  user: User;
  sent: Instant;
  deviceToken: string | undefined;
  /** Returns the session to store in the place of the one that was refreshed, if there was one. */
  next(before: Session | null): Session;
}

/** Reads a token response to the request that was sent then. */
export function readTokens(answer: any, sent: Instant, cookie: boolean): NewSession {
  const { access_token, refresh_token, session_id, user, device_token } = answer ?? {};
  const { expires_in, refresh_after, refresh_expires_in } = answer ?? {};
  const texts = [access_token, session_id, user?.id, ...(cookie ? [] : [refresh_token])];
  const numbers = [expires_in, refresh_after, refresh_expires_in];
  if (!texts.every((text) => typeof text === "string" && text) || !numbers.every(Number.isFinite)) {
    throw new RatchetError("unexpected_answer", "The answer has no tokens.", { status: 200 });
  }
  if (cookie && refresh_token !== undefined) {
    throw new RatchetError("unexpected_answer", "The refresh token is not in its cookie.", { status: 200 });
  }
  const tokens = { session_id, user, access_token, refresh_token, at: sent.wall, expires_in, refresh_after, refresh_expires_in };
  return {
    user,
    sent,
    deviceToken: typeof device_token === "string" ? device_token : undefined,
    next: (before) => ({ ...tokens, count: (before?.count ?? 0) + 1 }),
  };
}
