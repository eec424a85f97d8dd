/** Ratchet's second factors: an authenticator app (TOTP, RFC 6238) and its recovery codes. */
import type { FactorList, Proof } from "./account-api.js";
import type { Client } from "./index.js";
export type { FactorList, Proof } from "./account-api.js";
/**
 * The second factors of a user. What changes them ends all other sessions, and this browser continues with a new one.
 *
 * Where the service has no second factors, it is `not_found`.
 */
export interface Factors {
    /** Which factors the user has. */
    list(): Promise<FactorList>;
    /**
     * Makes the secret of an authenticator app. It is asked for only once {@link Factors.confirmTotp} has had a code of it, and
     * takes the place of an app that there is.
     */
    enrolTotp(proof: Proof): Promise<EnrolledTotp>;
    /** Confirms the app with a code of it. The recovery codes are shown this once: let the user keep them. */
    confirmTotp(confirmation: {
        code: string;
    }): Promise<RecoveryCodes>;
    /** Removes the app and its recovery codes. */
    removeTotp(proof: Proof): Promise<void>;
    /** Makes new recovery codes. Those of before no longer work. */
    newRecoveryCodes(proof: Proof): Promise<RecoveryCodes>;
}
export interface EnrolledTotp {
    /** The secret in base32, for who types it. */
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
