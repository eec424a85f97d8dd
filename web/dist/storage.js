import { localStorageOf } from "./platform.js";
/** Replaces a session that could not be stored: the session lives on in the memory of the tabs. */
export const MOVED = '{"moved":true}';
/** How many accounts' device tokens are remembered. */
const DEVICES = 5;
/** One item of a {@link TokenStorage}. It never fails: while its store fails, it is kept in memory. */
export class Store {
    /** Whether all tabs certainly have this store. A session storage is copied into a tab that is duplicated. */
    isShared;
    /** Whether memory holds something that could not be stored. */
    isUnsaved = false;
    #storage = null;
    #name;
    #isFailing = false;
    /** What was read or written last. */
    #text = null;
    /** What the store holds, as far as is known. */
    #saved = null;
    constructor(storage, platform, name) {
        this.isShared = storage === "local";
        this.#name = name;
        if (storage === "local")
            this.#storage = localStorageOf(platform);
        else if (storage !== "memory")
            this.#storage = storage;
    }
    get isMemory() {
        return !this.#storage || this.#isFailing || this.isUnsaved;
    }
    async get() {
        const storage = this.#storage;
        if (!storage)
            return this.#text;
        const read = async () => (await storage.getItem(this.#name)) ?? null;
        try {
            // A store may have lost its connection, and open another one.
            const text = await read().catch(read);
            this.#isFailing = false;
            // While it is unsaved, only a value that another tab has written replaces the one in memory.
            if (!this.isUnsaved || (text && text !== MOVED && text !== this.#saved)) {
                this.#text = text;
                this.isUnsaved = false;
            }
            this.#saved = text;
        }
        catch {
            this.#isFailing = true;
        }
        return this.#text;
    }
    /**
     * Returns whether the store has taken the text.
     *
     * @param isOptional whether nothing may change, in memory either, if the text cannot be stored
     */
    async set(text, isOptional = false) {
        const isSaved = !this.#storage || (await this.#save(this.#storage, isOptional ? [text] : [text, MOVED, text]));
        if (isSaved || !isOptional) {
            this.#text = text;
            this.isUnsaved = !isSaved;
        }
        return isSaved;
    }
    /**
     * Tries to write the texts until the first of them is written. If that fails, no tab may find the old refresh token and use
     * it long after it was superseded: a short text finds room, or the item is removed.
     */
    async #save(storage, texts) {
        for (const text of texts) {
            try {
                await storage.setItem(this.#name, text);
                this.#saved = text;
                this.#isFailing = false;
                if (text === texts[0])
                    return true;
            }
            catch {
                this.#isFailing = true;
            }
        }
        try {
            if (texts.length > 1 && this.#saved !== MOVED)
                await storage.removeItem(this.#name);
        }
        catch {
            // The text that stays there is known to be old.
        }
        return false;
    }
}
/** The device token of each account that has signed in here. */
export class Devices {
    #store;
    constructor(store) {
        this.#store = store;
    }
    async get(email) {
        return (await this.#all()).find(([owner]) => owner === spelling(email))?.[1];
    }
    async set(email, token) {
        if (typeof token !== "string")
            return;
        const others = (await this.#all()).filter(([owner]) => owner !== spelling(email));
        await this.#store.set(JSON.stringify([[spelling(email), token], ...others].slice(0, DEVICES)));
    }
    /** The stored tokens. Damaged entries are ignored. */
    async #all() {
        try {
            const isEntry = (entry) => entry?.every?.((part) => typeof part === "string");
            return JSON.parse((await this.#store.get()) ?? "[]").filter(isEntry);
        }
        catch {
            return [];
        }
    }
}
/** Returns an address in the service's spelling: NFC, ASCII letters in lower case, the domain as IDNA has it. */
function spelling(email) {
    const [, local = "", domain = ""] = /^(.*)@(.*)$/s.exec(String(email).normalize()) ?? [];
    let host = domain;
    try {
        host = new URL(`http://${domain}`).hostname;
    }
    catch {
        // It is not a domain, and no account has it.
    }
    return `${local.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()).normalize()}@${host}`;
}
