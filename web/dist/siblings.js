/** The other tabs of this browser that share the session: messages between them, and locks among them. */
import { ignore, RatchetError } from "./errors.js";
import { localStorageOf } from "./platform.js";
/** The events of a window after which the store may hold something new. */
const NEWS = ["storage", "pageshow", "visibilitychange", "focus"];
/** The end of the name of the item for messages where there are no channels. */
const ITEM = ":message";
export class Siblings {
    #key;
    /** The prefix of the locks' names. */
    #lock;
    #platform;
    #hearer;
    #channel;
    /** Called when a refresh of another tab fails. */
    #failing = new Set();
    #hear = (event) => {
        if (event.key === this.#lock + ITEM)
            event.newValue && this.#receive(JSON.parse(event.newValue));
        else if (event.type !== "storage" || event.key === null || event.key === this.#key)
            this.#hearer.news();
    };
    /** @param hasSiblings whether other tabs can have the same session */
    constructor(key, platform, hasSiblings, hearer) {
        this.#key = key;
        this.#lock = hasSiblings ? key : `${key}:${platform.random()}`;
        this.#platform = platform;
        this.#hearer = hearer;
        const channel = hasSiblings ? platform.channel(key) : null;
        if (channel)
            channel.onmessage = ({ data }) => this.#receive(data);
        this.#channel = channel;
        if (hasSiblings)
            for (const type of NEWS)
                platform.events?.addEventListener(type, this.#hear);
    }
    tell(message) {
        try {
            this.#channel?.postMessage(message);
        }
        catch {
            // A page that is closing has nothing more to send.
        }
    }
    /**
     * Asks the other tabs what they hold, and from then on sends messages through localStorage if there is no channel.
     * Returns whether others can answer.
     */
    ask() {
        const storage = this.#platform.jar && localStorageOf(this.#platform);
        if (!this.#channel && storage) {
            const item = this.#lock + ITEM;
            const postMessage = (message) => {
                storage.setItem(item, JSON.stringify(message));
                storage.removeItem(item);
            };
            this.#channel = { postMessage, close: ignore };
        }
        this.tell({ ask: true });
        return this.#channel !== null;
    }
    /** Tells the tabs that wait for this tab's refresh that it failed. */
    tellFailure(error) {
        this.tell({ failed: { ...error, message: error.message } });
    }
    #receive(message) {
        if (message?.failed) {
            const { failed } = message;
            const error = new RatchetError(failed.code, failed.message, failed);
            this.#hearer.failed(error);
            this.#failing.forEach((fail) => fail(error));
        }
        else if (message && "kept" in message) {
            this.#hearer.kept(message.kept ?? null);
        }
        else if (message?.ask) {
            this.#hearer.asked();
        }
        else {
            this.#hearer.news();
        }
    }
    /**
     * Does `work` while no other tab does. After `patienceMs` the work is done all the same: a frozen tab may hold the lock.
     *
     * @param sharesFate whether the work is unnecessary if the tab that holds the lock fails
     */
    async exclusively(name, patienceMs, work, sharesFate = false) {
        const lock = `${this.#lock}:${name}`;
        const { locks } = this.#platform;
        const patience = new AbortController();
        let timer;
        let working = null;
        let failure = null;
        const fail = (error) => {
            failure = error;
            patience.abort();
        };
        const waited = { failure: () => failure };
        if (sharesFate)
            this.#failing.add(fail);
        try {
            await locks.request(lock, { ifAvailable: true }, async (held) => held && (working = work(null)));
            if (!working) {
                timer = this.#platform.setTimeout(() => patience.abort(), patienceMs);
                await locks.request(lock, { signal: patience.signal }, () => (working = work(waited)));
            }
            return await working;
        }
        catch (error) {
            if (working)
                throw error;
            if (failure)
                throw failure;
            // Out of patience, or a page that may not use locks.
            return await work(waited);
        }
        finally {
            this.#platform.clearTimeout(timer);
            this.#failing.delete(fail);
        }
    }
    close() {
        for (const type of NEWS)
            this.#platform.events?.removeEventListener(type, this.#hear);
        this.#channel?.close();
        this.#channel = null;
    }
}
