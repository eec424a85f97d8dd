/** The key of a refresh: by it the service recognises the same refresh when it is repeated, however late. */
import type { Settings } from "./options.js";
/**
 * Returns a fresh key: 32 random bytes in decimal, which are 32 to 96 digits, or `undefined` if the platform has no secure
 * random numbers.
 */
export declare const freshKey: () => string | undefined;
/**
 * The key of a refresh token in a cookie, where no script sees which token it is.
 *
 * The key is in localStorage, and stays there when it is spent. Another cookie, which scripts can read, records that:
 * the browser keeps it as durably as the refresh token beside it. After a crash that restores the old token, its key is
 * therefore unspent again, and the refresh is repeated with it.
 */
export declare class CookieKey {
    #private;
    constructor({ key, platform }: Settings);
    /** Returns the stored key, after storing one if there is no unspent key. Call it with a lock. */
    readonly get: () => Promise<string | undefined>;
    /** Records that a key is spent: the token in the cookie is no longer the one that it was stored for. */
    spend(key: string | undefined): void;
    /** Records that a new sign-in has brought another token. */
    spendAny(): Promise<void>;
}
