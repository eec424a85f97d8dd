/** Where sessions and device tokens are kept. */
import { ignore, misconfigured } from "./errors.js";
import type { ClientOptions, TokenStorage } from "./options.js";
import { localStorageOf, type Platform } from "./platform.js";

/** Takes the place of a session that could not be stored: the session lives on in the memory of the tabs. */
export const MOVED = '{"moved":true}';

/** How many accounts' device tokens are remembered. */
const DEVICES = 5;

/** A {@link TokenStorage} that never fails: once the store behind it does, this is memory. */
export class Store {
  #storage: TokenStorage | null = null;
  readonly #memory = new Map<string, string>();

  constructor(storage: NonNullable<ClientOptions["storage"]>, platform: Platform) {
    if (typeof storage === "object") this.#storage = storage;
    else if (storage === "local") this.#storage = localStorageOf(platform);
    else if (storage !== "memory") throw misconfigured("storage must be memory, local or an object");
  }

  get isMemory() {
    return this.#storage === null;
  }

  async get(name: string): Promise<string | null> {
    try {
      if (this.#storage) {
        const text = (await this.#storage.getItem(name)) ?? null;
        text === null ? this.#memory.delete(name) : this.#memory.set(name, text);
        return text;
      }
    } catch {
      this.#storage = null;
    }
    return this.#memory.get(name) ?? null;
  }

  async set(name: string, text: string) {
    this.#memory.set(name, text);
    const storage = this.#storage;
    if (!storage) return;
    try {
      await storage.setItem(name, text);
    } catch {
      this.#storage = null;
      // No tab may find the old refresh token and use it long after it was superseded. A short text finds room.
      await (async () => storage.setItem(name, MOVED))().catch(() => storage.removeItem(name)).catch(ignore);
    }
  }
}

/** The device token of each account that has signed in here. */
export class Devices {
  readonly #store: Store;
  readonly #key: string;

  constructor(store: Store, key: string) {
    this.#store = store;
    this.#key = key;
  }

  async get(email: string): Promise<string | undefined> {
    return (await this.#all()).find(([owner]) => owner === spelling(email))?.[1];
  }

  async set(email: string, token: string | undefined) {
    if (token === undefined) return;
    const others = (await this.#all()).filter(([owner]) => owner !== spelling(email));
    await this.#store.set(this.#key, JSON.stringify([[spelling(email), token], ...others].slice(0, DEVICES)));
  }

  async #all(): Promise<[string, string][]> {
    try {
      return [...JSON.parse((await this.#store.get(this.#key)) ?? "[]")];
    } catch {
      return [];
    }
  }
}

/** Upper and lower case spell the same address. */
const spelling = (email: string) => email.toLowerCase();
