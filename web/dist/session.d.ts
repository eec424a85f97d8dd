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
export declare const isSession: (kept: any) => kept is Session;
/** Returns whether these are all members of a session, each of its type. A store may have damaged them. */
export declare const isWhole: (session: any, cookie: boolean) => session is Session;
/** Returns the id of the stored session, or of the one that has ended. */
export declare const idOf: (kept: Kept) => string | null;
/** Returns whether both are the same session with the same refresh token. */
export declare const isSame: (one: Kept, other: Kept) => boolean;
/** Returns whether a value that was read is older than what is known: a store or a tab has lost, or restored, something. */
export declare const isOlder: (read: Kept, own: Kept) => boolean;
/** Returns what to keep when another tab sends its session. Of two retry keys for one token both tabs choose the same. */
export declare function newer(own: Kept, theirs: Kept): Kept;
/** A token response. */
export interface NewSession {
    user: User;
    sent: Instant;
    deviceToken: unknown;
    /** Returns the session to store in place of the refreshed one, if there was one. */
    next(before: Session | null): Session;
}
/** Returns a reader for token responses. */
export declare const readTokens: (cookie: boolean) => (answer: any, sent: Instant) => NewSession;
