/** The errors of the client. */
/** The codes of the service's own errors; openapi.yaml says when it answers with which. */
export const SERVICE_CODES = [
    "invalid_request",
    "invalid_credentials",
    "invalid_grant",
    "invalid_token",
    "insufficient_scope",
    "not_found",
    "email_taken",
    "payload_too_large",
    "unsupported_media_type",
    "too_many_attempts",
    "too_many_requests",
    "temporarily_unavailable",
];
/** The error that the client's methods reject with. */
export class RatchetError extends Error {
    name = "RatchetError";
    code;
    /** The status of the answer, if there was one. */
    status;
    /** The seconds to wait before the next attempt, if the service stated them. */
    retryAfter;
    constructor(code, message, { status, retryAfter, cause } = {}) {
        super(message, { cause });
        this.code = code;
        this.status = status;
        this.retryAfter = retryAfter;
    }
}
export const signedOut = () => new RatchetError("signed_out", "Nobody is signed in.");
export const misconfigured = (problem) => new RatchetError("misconfigured", `createClient: ${problem}`);
export const codeOf = (error) => (error instanceof RatchetError ? error.code : undefined);
/** Whether the service found no refresh token in the request: with the cookie transport, because there is no cookie. */
export const isWithoutToken = (error) => error instanceof RatchetError && error.code === "invalid_request" && /^refresh_token is missing\b/.test(error.message);
export const nullIfSignedOut = (error) => (codeOf(error) === "signed_out" ? null : throws(error));
/** `throw` as an expression. */
export const throws = (error) => {
    throw error;
};
/** For promises whose outcome changes nothing. */
export const ignore = () => { };
