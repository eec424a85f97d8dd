/** The key that a refresh brings: with it the service recognises the same refresh when it is repeated, however late. */
import type { Settings } from "./options.js";
/**
 * Returns a fresh key: 32 random bytes in decimal, which are 32 to 96 digits, or `undefined` where the platform has no random
 * numbers that nobody can guess.
 */
export declare const freshKey: () => string | undefined;
/**
 * The key of a refresh token that is in a cookie, where no script sees which token it is.
 *
 * The key is in localStorage, and stays there when it is spent. That it is spent says another cookie, which scripts can read:
 * the browser keeps it as durably as the refresh token beside it. So after a crash that brings back the old token, its key is
 * unspent again, and the refresh is repeated with it.
 */
export declare class CookieKey {
    #private;
    constructor({ key, platform }: Settings);
    /** Returns the stored key, after one is stored if there is none that is unspent. Call it with a lock. */
    readonly get: () => Promise<string | undefined>;
    /** Notes that a key has done its work: the token in the cookie is no longer the one that it was stored for. */
    spend(key: string | undefined): void;
    /** Notes that a new sign-in has brought another token. */
    spendAny(): Promise<void>;
}
