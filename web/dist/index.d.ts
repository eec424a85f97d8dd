/**
 * Ratchet's browser client: signs in, keeps the session, and adds the access token to your requests.
 *
 * Durations are in seconds where the service states them, and in milliseconds where a name ends in `Ms`.
 *
 * # Invariants
 * - Only the service ends a session, by answering `invalid_grant` to its newest token. A lost answer, a 5xx or a
 *   429 never ends one.
 * - The stored session never goes back to older tokens.
 * - The device's clock is only compared with itself. Time only suggests a refresh; a 401 requires one.
 * - All tabs together send one refresh at a time. Two at once would do no harm: the service gives both the same next token.
 * - A refresh sends a key that was stored beside its token before, so that the service recognises a repeat, however late it is.
 * - Stored data change by compare-and-set under a lock, so an answer that arrives after a sign-out changes nothing.
 *
 * @packageDocumentation
 */
import type { Client } from "./api.js";
import type { ClientOptions } from "./options.js";
export type { Answer, Authorization, Client, SecondFactor, SessionInfo, SessionList, Sessions, Status } from "./api.js";
export { type ErrorCode, type Factor, RatchetError } from "./errors.js";
export type { Events } from "./events.js";
export type { ClientOptions, RetryOptions, TokenStorage } from "./options.js";
export type { Channel, Locks, Platform } from "./platform.js";
export type { SignedOutReason, User } from "./session.js";
/**
 * Creates a client. Create one per page, or per worker.
 *
 * @throws {RatchetError} with the code `misconfigured` and the name of the option.
 */
export declare const createClient: (options: ClientOptions) => Client;
