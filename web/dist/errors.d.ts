/** The errors of the client. */
/** The codes of the service's own errors; openapi.yaml states when each is used. */
export declare const SERVICE_CODES: readonly ["invalid_request", "invalid_credentials", "invalid_grant", "invalid_code", "invalid_token", "invalid_passkey", "mfa_required", "insufficient_user_authentication", "insufficient_scope", "not_found", "email_taken", "passkey_exists", "too_many_passkeys", "last_factor", "payload_too_large", "unsupported_media_type", "too_many_attempts", "too_many_mails", "too_many_requests", "temporarily_unavailable"];
/** The service's codes (see openapi.yaml), and those of the client itself. */
export type ErrorCode = (typeof SERVICE_CODES)[number]
/** Nobody is signed in, or the session ended while the request waited. */
 | "signed_out"
/** Another user signed in while the request waited. The request was not sent in their name. */
 | "user_changed"
/** There was no answer. The session is unchanged. */
 | "network"
/** The answer is not one that Ratchet gives. The session is unchanged. */
 | "unexpected_answer"
/** The request's origin is neither that of `baseUrl` nor one of `origins`. Nothing was sent. */
 | "origin_refused"
/** The answer is a redirect. It is not followed, since it could take the token elsewhere. */
 | "redirect_refused"
/** An argument is invalid; `cause` states why. Nothing was sent. */
 | "invalid_argument"
/** A stream cannot be sent a second time, which a refresh may require. Nothing was sent. */
 | "stream_refused"
/** The user chose no passkey, or the browser waited too long. */
 | "passkey_cancelled"
/** The browser has no passkeys, or not here. */
 | "passkey_unsupported"
/** An option of `createClient` is wrong. */
 | "misconfigured";
/** The second factors that may be sent: the members of `login` are `totp` and `recoveryCode`. */
export type Factor = "totp" | "recovery_code";
/** What a {@link RatchetError} carries besides its code and message. */
export interface ErrorDetails {
    status?: number | undefined;
    retryAfter?: number | undefined;
    factors?: readonly Factor[] | undefined;
    cause?: unknown;
}
/** The error that the client's methods reject with. */
export declare class RatchetError extends Error {
    readonly name = "RatchetError";
    readonly code: ErrorCode;
    /** The status of the answer, if there was one. */
    readonly status: number | undefined;
    /** The seconds to wait before the next attempt, if the service stated them. */
    readonly retryAfter: number | undefined;
    /** With `mfa_required`, the second factors of which the account requires one. */
    readonly factors: readonly Factor[] | undefined;
    constructor(code: ErrorCode, message: string, { cause, ...details }?: ErrorDetails);
}
/** The answer to a request requires more proof of the user's identity than the session has (RFC 9470). A refresh
 * does not help. */
export declare const stepUp: () => RatchetError;
export declare const signedOut: () => RatchetError;
/** The error of a request that got no answer. */
export declare const unreachable: (cause: unknown) => RatchetError;
export declare const misconfigured: (problem: string) => RatchetError;
export declare const codeOf: (error: unknown) => ErrorCode | undefined;
/** Returns whether the service found no refresh token in the request: with the cookie transport, because there is no
 * cookie. */
export declare const isWithoutToken: (error: unknown) => boolean;
/** Returns whether the service refuses the retry key: it was used for a refresh whose answer has arrived after all. */
export declare const isSpentKey: (error: unknown) => boolean;
/** Does `work`, and turns every rejection into a {@link RatchetError}, or the reason why the signal aborted. */
export declare function explained<T>(work: () => Promise<T>, signal?: AbortSignal | null): Promise<T>;
export declare const nullIfSignedOut: (error: unknown) => null;
/** `throw` as an expression. */
export declare const throws: (error: unknown) => never;
/** For promises whose outcome does not matter. */
export declare const ignore: () => void;
