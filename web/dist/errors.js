/** The errors of the client. */
/** The codes of the service's own errors; openapi.yaml states when each is used. */
export const SERVICE_CODES = [
    "invalid_request",
    "invalid_credentials",
    "invalid_grant",
    "invalid_code",
    "invalid_token",
    "invalid_passkey",
    "mfa_required",
    "insufficient_user_authentication",
    "insufficient_scope",
    "not_found",
    "email_taken",
    "passkey_exists",
    "too_many_passkeys",
    "last_factor",
    "payload_too_large",
    "unsupported_media_type",
    "too_many_attempts",
    "too_many_mails",
    "too_many_requests",
    "temporarily_unavailable",
];
/** The error that the client's methods reject with. */
export class RatchetError extends Error {
    name = "RatchetError";
    constructor(code, message, { cause, ...details } = {}) {
        super(message, { cause });
        Object.assign(this, { code, status: undefined, retryAfter: undefined, factors: undefined, ...details });
    }
}
/** The answer to a request requires more proof of the user's identity than the session has (RFC 9470). A refresh
 * does not help. */
export const stepUp = () => new RatchetError("insufficient_user_authentication", "This takes a sign-in with a second factor, or a newer one.", { status: 401 });
export const signedOut = () => new RatchetError("signed_out", "Nobody is signed in.");
/** The error of a request that got no answer. */
export const unreachable = (cause) => new RatchetError("network", "The service can't be reached.", { cause });
export const misconfigured = (problem) => new RatchetError("misconfigured", `createClient: ${problem}`);
export const codeOf = (error) => (error instanceof RatchetError ? error.code : undefined);
/** Returns whether the service refuses a request with a text that begins so. */
const isAbout = (error, text) => error instanceof RatchetError && error.code === "invalid_request" && error.message.startsWith(text);
/** Returns whether the service found no refresh token in the request: with the cookie transport, because there is no
 * cookie. */
export const isWithoutToken = (error) => isAbout(error, "refresh_token is missing");
/** Returns whether the service refuses the retry key: it was used for a refresh whose answer has arrived after all. */
export const isSpentKey = (error) => isAbout(error, "retry_key ");
/** Does `work`, and turns every rejection into a {@link RatchetError}, or the reason why the signal aborted. */
export async function explained(work, signal) {
    try {
        return await work();
    }
    catch (error) {
        if (error instanceof RatchetError || signal?.aborted)
            throw error;
        throw new RatchetError("invalid_argument", String(error?.message ?? error), { cause: error });
    }
}
export const nullIfSignedOut = (error) => (codeOf(error) === "signed_out" ? null : throws(error));
/** `throw` as an expression. */
export const throws = (error) => {
    throw error;
};
/** For promises whose outcome does not matter. */
export const ignore = () => { };
