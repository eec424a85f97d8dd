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
] as const;

/** The service's codes (see openapi.yaml), and those of the client itself. */
export type ErrorCode =
  | (typeof SERVICE_CODES)[number]
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
  /** A stream can't be sent a second time, which a refresh may require. Nothing was sent. */
  | "stream_refused"
  /** An option of `createClient` is wrong. */
  | "misconfigured";

/** What a {@link RatchetError} carries besides its code and message. */
export interface ErrorDetails {
  status?: number | undefined;
  retryAfter?: number | undefined;
  cause?: unknown;
}

/** The error that the client's methods reject with. */
export class RatchetError extends Error {
  override readonly name = "RatchetError";
  readonly code: ErrorCode;
  /** The status of the answer, if there was one. */
  readonly status: number | undefined;
  /** The seconds to wait before the next attempt, if the service stated them. */
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, message: string, { status, retryAfter, cause }: ErrorDetails = {}) {
    super(message, { cause });
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export const signedOut = () => new RatchetError("signed_out", "Nobody is signed in.");

export const misconfigured = (problem: string) => new RatchetError("misconfigured", `createClient: ${problem}`);

export const codeOf = (error: unknown) => (error instanceof RatchetError ? error.code : undefined);

/** Whether the service found no refresh token in the request: with the cookie transport, because there is no cookie. */
export const isWithoutToken = (error: unknown) =>
  error instanceof RatchetError && error.code === "invalid_request" && /^refresh_token is missing\b/.test(error.message);

export const nullIfSignedOut = (error: unknown): null => (codeOf(error) === "signed_out" ? null : throws(error));

/** `throw` as an expression. */
export const throws = (error: unknown): never => {
  throw error;
};

/** For promises whose outcome changes nothing. */
export const ignore = () => {};
