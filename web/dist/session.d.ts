import type { Instant } from "./platform.js";
/** The user, as the service knows them. */
export interface User {
    id: string;
    name: string;
    /** The address in its normalised spelling. */
    email: string;
    /** Whether a mailed code has proved that the address is the user's. */
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
    /** The key to refresh this very token with, once that was about to be sent. Missing with the cookie transport. */
    retry_key?: string | undefined;
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
export declare const isSession: (kept: any) => kept is Session;
/** Whether these are all members of a session, each of its type. A store may have damaged them. */
export declare const isWhole: (session: any, cookie: boolean) => session is Session;
/** Returns the id of the session that is kept, or that has ended. */
export declare const idOf: (kept: Kept) => string | null;
/** Whether both are the same session with the same refresh token. */
export declare const isSame: (one: Kept, other: Kept) => boolean;
/** Whether what was read is older than what is known: a store or a tab has lost, or brought back, something. */
export declare const isOlder: (read: Kept, own: Kept) => boolean;
/** Returns what to keep when another tab sends what it holds. Of two retry keys for one token both tabs choose the same. */
export declare function newer(own: Kept, theirs: Kept): Kept;
/** A token response. */
export interface NewSession {
    user: User;
    sent: Instant;
    deviceToken: unknown;
    /** Returns the session to store in the place of the one that was refreshed, if there was one. */
    next(before: Session | null): Session;
}
/** Returns what reads a token response. */
export declare const readTokens: (cookie: boolean) => (answer: any, sent: Instant) => NewSession;
