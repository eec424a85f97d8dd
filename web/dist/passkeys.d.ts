/** Ratchet's passkeys (Web Authentication, level 3): a sign-in without a password, and the list of a user's passkeys. */
import type { PasskeyInfo, Proof } from "./account-api.js";
import type { Client, User } from "./index.js";
import { type Authenticator } from "./webauthn.js";
export type { PasskeyInfo, Proof } from "./account-api.js";
export { type Authenticator, supportsAutofill, supportsPasskeys } from "./webauthn.js";
/** Passkeys. If the service has none, methods reject with `not_found`. */
export interface Passkeys {
    /** Returns the user's passkeys, the oldest first. */
    list(): Promise<PasskeyInfo[]>;
    /**
     * Makes a passkey, once the user has agreed in the browser's dialog. All other sessions end, and this browser continues with
     * a new one. Right after a sign-in with a passkey no other proof is needed.
     */
    create(passkey: Proof & {
        name?: string;
        signal?: AbortSignal;
    }): Promise<PasskeyInfo>;
    /** Renames a passkey. */
    rename(passkey: {
        id: string;
        name: string;
    }): Promise<PasskeyInfo>;
    /** Removes a passkey. All other sessions end. The last passkey of an account without a password cannot be removed:
     * `last_factor`. */
    remove(passkey: Proof & {
        id: string;
    }): Promise<void>;
    /**
     * Signs in with a passkey, without an address. With `conditional` the browser offers passkeys in the list of a field
     * with `autocomplete="username webauthn"`, and this waits until one is chosen, which may be never: abort it with `signal`.
     * It yields to any other call that opens a dialog, and continues afterwards.
     */
    signIn(how?: {
        conditional?: boolean;
        signal?: AbortSignal;
    }): Promise<User>;
}
/**
 * Returns the passkeys of a client's user, and a sign-in with one.
 *
 * @param authenticator replaces the browser's own, for tests.
 * @throws {RatchetError} with the code `misconfigured` if the client was not made by this package's `createClient`.
 */
export declare function passkeysOf(client: Client, authenticator?: Partial<Authenticator>): Passkeys;
