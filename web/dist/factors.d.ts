/** Ratchet's second factors: an authenticator app (TOTP, RFC 6238) and its recovery codes. */
import type { FactorList, Proof } from "./account-api.js";
import type { Client } from "./index.js";
export type { FactorList, Proof } from "./account-api.js";
/**
 * The second factors of a user. Changes of them end all other sessions, and this browser continues with a new one.
 *
 * If the service has no second factors, methods reject with `not_found`.
 */
export interface Factors {
    /** Returns the user's factors. */
    list(): Promise<FactorList>;
    /**
     * Makes the secret of an authenticator app. The app is required only after {@link Factors.confirmTotp} has received
     *   a code of it, and
     * then replaces an existing app.
     */
    enrolTotp(proof: Proof): Promise<EnrolledTotp>;
    /** Confirms the app with a code of it. The recovery codes are shown only now: let the user keep them. */
    confirmTotp(confirmation: {
        code: string;
    }): Promise<RecoveryCodes>;
    /** Removes the app and its recovery codes. */
    removeTotp(proof: Proof): Promise<void>;
    /** Makes new recovery codes. The old ones stop working. */
    newRecoveryCodes(proof: Proof): Promise<RecoveryCodes>;
}
export interface EnrolledTotp {
    /** The secret in base32, for typing. */
    secret: string;
    /** `otpauth://totp/...`, for a QR code or a link. */
    uri: string;
}
export interface RecoveryCodes {
    recoveryCodes: string[];
}
/**
 * Returns the second factors of a client's user.
 *
 * @throws {RatchetError} with the code `misconfigured` if the client was not made by this package's `createClient`.
 */
export declare function factorsOf(client: Client): Factors;
