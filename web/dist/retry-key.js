import { Store } from "./storage.js";
/** How much of a key the cookie beside the refresh token shows. The rest is still long enough that nobody guesses it. */
const TAG_LENGTH = 8;
/** What the cookie is like. It lives as long as browsers let one live, 400 days. */
const ATTRIBUTES = "; Path=/; Max-Age=34560000; SameSite=Strict; Secure";
/**
 * Returns a fresh key: 32 random bytes in decimal, which are 32 to 96 digits, or `undefined` where the platform has no random
 * numbers that nobody can guess.
 */
export const freshKey = () => globalThis.crypto?.getRandomValues?.(new Uint8Array(32)).join("");
/**
 * The key of a refresh token that is in a cookie, where no script sees which token it is.
 *
 * The key is in localStorage, and stays there when it is spent. That it is spent says another cookie, which scripts can read:
 * the browser keeps it as durably as the refresh token beside it. So after a crash that brings back the old token, its key is
 * unspent again, and the refresh is repeated with it.
 */
export class CookieKey {
    #store;
    #jar;
    #cookie;
    /** The spent key, for a page that may not set cookies. */
    #spent = "";
    constructor({ key, platform }) {
        const name = `${key}:retry`;
        this.#store = new Store("local", platform, name);
        this.#jar = platform.jar;
        this.#cookie = `${name.replace(/\W+/g, "_")}=`;
    }
    /** Returns the stored key, after one is stored if there is none that is unspent. Call it with a lock. */
    get = async () => {
        const key = await this.#stored();
        if (key && !this.#isSpent(key))
            return key;
        const fresh = freshKey();
        if (!fresh || this.#store.isMemory || !(await this.#store.set(JSON.stringify(fresh), true)))
            return undefined;
        const stored = await this.#stored();
        return stored === fresh ? stored : undefined;
    };
    /** Notes that a key has done its work: the token in the cookie is no longer the one that it was stored for. */
    spend(key) {
        if (!key)
            return;
        this.#spent = key;
        // Where the cookie is not taken, the next page brings the key once more, and hears that it is spent.
        if (this.#jar)
            this.#jar.cookie = this.#cookie + key.slice(0, TAG_LENGTH) + ATTRIBUTES;
    }
    /** Notes that a new sign-in has brought another token. */
    async spendAny() {
        this.spend(await this.#stored());
    }
    async #stored() {
        return /^"(\w{22,128})"$/.exec((await this.#store.get()) ?? "")?.[1];
    }
    #isSpent(key) {
        return key === this.#spent || (this.#jar?.cookie ?? "").split("; ").includes(this.#cookie + key.slice(0, TAG_LENGTH));
    }
}
