/** The key of a refresh: by it the service recognises the same refresh when it is repeated, however late. */
import type { Settings } from "./options.js";
import type { FullPlatform } from "./platform.js";
import { Store } from "./storage.js";

/** How much of a key the cookie beside the refresh token shows. The rest is still too long to guess. */
const TAG_LENGTH = 8;
/** The attributes of the cookie. It lives as long as browsers allow, 400 days. */
const ATTRIBUTES = "; Path=/; Max-Age=34560000; SameSite=Strict; Secure";

/**
 * Returns a fresh key: 32 random bytes in decimal, which are 32 to 96 digits, or `undefined` if the platform has no secure
 * random numbers.
 */
export const freshKey = (): string | undefined => globalThis.crypto?.getRandomValues?.(new Uint8Array(32)).join("");

/**
 * The key of a refresh token in a cookie, where no script sees which token it is.
 *
 * The key is in localStorage, and stays there when it is spent. Another cookie, which scripts can read, records that:
 * the browser keeps it as durably as the refresh token beside it. After a crash that restores the old token, its key is
 * therefore unspent again, and the refresh is repeated with it.
 */
export class CookieKey {
  readonly #store: Store;
  readonly #jar: FullPlatform["jar"];
  readonly #cookie: string;
  /** The spent key, for a page that may not set cookies. */
  #spent = "";

  constructor({ key, platform }: Settings) {
    const name = `${key}:retry`;
    this.#store = new Store("local", platform, name);
    this.#jar = platform.jar;
    this.#cookie = `${name.replace(/\W+/g, "_")}=`;
  }

  /** Returns the stored key, after storing one if there is no unspent key. Call it with a lock. */
  readonly get = async (): Promise<string | undefined> => {
    const key = await this.#stored();
    if (key && !this.#isSpent(key)) return key;
    const fresh = freshKey();
    if (!fresh || this.#store.isMemory || !(await this.#store.set(JSON.stringify(fresh), true))) return undefined;
    const stored = await this.#stored();
    return stored === fresh ? stored : undefined;
  };

  /** Records that a key is spent: the token in the cookie is no longer the one that it was stored for. */
  spend(key: string | undefined) {
    if (!key) return;
    this.#spent = key;
    // If the cookie is refused, the next page sends the key once more, and learns that it is spent.
    if (this.#jar) this.#jar.cookie = this.#cookie + key.slice(0, TAG_LENGTH) + ATTRIBUTES;
  }

  /** Records that a new sign-in has brought another token. */
  async spendAny() {
    this.spend(await this.#stored());
  }

  async #stored(): Promise<string | undefined> {
    return /^"(\w{22,128})"$/.exec((await this.#store.get()) ?? "")?.[1];
  }

  #isSpent(key: string): boolean {
    return key === this.#spent || (this.#jar?.cookie ?? "").split("; ").includes(this.#cookie + key.slice(0, TAG_LENGTH));
  }
}
