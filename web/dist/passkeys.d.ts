/** Ratchet's passkeys (Web Authentication, level 3): a sign-in without a password, and the list of a user's passkeys. */
import type { PasskeyInfo, Proof } from "./account-api.js";
import type { Client, User } from "./index.js";
import { type Authenticator } from "./webauthn.js";
export type { PasskeyInfo, Proof } from "./account-api.js";
export { type Authenticator, supportsAutofill, supportsPasskeys } from "./webauthn.js";
/** Passkeys. Where the service has none, what needs them is `not_found`. */
export interface Passkeys {
    /** The user's passkeys, the oldest first. */
    list(): Promise<PasskeyInfo[]>;
    /**
     * Makes a passkey, once the user has agreed in the browser's dialog. All other sessions end, and this browser continues with
     * a new one. Right after a sign-in with a passkey no other proof is needed.
     */
    create(passkey: Proof & {
        name?: string;
        signal?: AbortSignal;
    }): Promise<PasskeyInfo>;
    /** Calls a passkey something else. */
    rename(passkey: {
        id: string;
        name: string;
    }): Promise<PasskeyInfo>;
    /** Removes a passkey. All other sessions end. The last one of an account without a password stays: `last_factor`. */
    remove(passkey: Proof & {
        id: string;
    }): Promise<void>;
    /**
     * Signs in with a passkey, without an address. With `conditional` the browser offers passkeys among what it fills into a field
     * that has `autocomplete="username webauthn"`, and this waits until one is chosen, which may be never: abort it with `signal`.
     * It makes way for any other call of a dialog, and continues afterwards.
     */
    signIn(how?: {
        conditional?: boolean;
        signal?: AbortSignal;
    }): Promise<User>;
}
/**
 * Returns the passkeys of a client's user, and a sign-in with one.
 *
 * @param authenticator takes the place of the browser's own, for tests.
 * @throws {RatchetError} with the code `misconfigured` if the client was not made by this package's `createClient`.
 */
export declare function passkeysOf(client: Client, authenticator?: Partial<Authenticator>): Passkeys;
