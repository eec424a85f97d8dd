/** A replacement for Web Locks. */
import { ignore } from "./errors.js";
import { localStorageOf } from "./platform.js";
import { abortable, sleep } from "./waiting.js";
/** How long a lease lasts unless it is renewed. */
const LEASE_MS = 5_000;
/** How long the claim of another tab may take to become visible here. */
const RIVAL_MS = 30;
/**
 * Returns a replacement for Web Locks: a queue among the clients of one page, and among tabs an entry in localStorage that
 * lasts as long as a refresh takes.
 *
 * Two tabs may both believe that they hold the lease: if a tab's timers slept past its end, or if a claim takes longer
 * than usual to become visible. Then both refresh, and the service gives both the same next token.
 */
export function leases(platform) {
    return {
        request: (name, options, callback) => pageLocks.request(name, options, async (held) => {
            const storage = localStorageOf(platform);
            if (!held || !storage || !name.endsWith(":refresh"))
                return callback(held);
            const lease = new Lease(storage, name, platform);
            if (!(await lease.take(options)))
                return callback(null);
            try {
                return await callback(held);
            }
            finally {
                lease.end();
            }
        }),
    };
}
class Lease {
    #storage;
    #name;
    #platform;
    #id;
    #timer = 0;
    constructor(storage, name, platform) {
        this.#storage = storage;
        this.#name = name;
        this.#platform = platform;
        this.#id = String(platform.random());
    }
    /** Waits for the lease and takes it. Returns whether it was taken. */
    async take({ ifAvailable, signal }) {
        for (;;) {
            if (!this.#owner()) {
                if (!this.#renew())
                    return true;
                await sleep(this.#platform, RIVAL_MS, signal);
                if (this.#owner() === this.#id)
                    return true;
                this.#platform.clearTimeout(this.#timer);
            }
            if (ifAvailable)
                return false;
            await sleep(this.#platform, RIVAL_MS * (1 + this.#platform.random()), signal);
        }
    }
    end() {
        this.#platform.clearTimeout(this.#timer);
        if (this.#owner() === this.#id)
            this.#storage.removeItem(this.#name);
    }
    /** A lease that lasts longer than possible has no owner: the device's clock was turned back. */
    #owner() {
        const [id = "", until] = (this.#storage.getItem(this.#name) ?? "").split(" ");
        const left = Number(until) - this.#platform.wall();
        return left > 0 && left <= LEASE_MS ? id : "";
    }
    /** Returns whether the entry could be written. */
    #renew() {
        try {
            this.#storage.setItem(this.#name, `${this.#id} ${this.#platform.wall() + LEASE_MS}`);
        }
        catch {
            return false;
        }
        this.#timer = this.#platform.setTimeout(() => this.#owner() === this.#id && this.#renew(), LEASE_MS / 3);
        return true;
    }
}
/** The end of each queue, by the name of the lock. */
const queues = new Map();
const pageLocks = {
    async request(name, { ifAvailable, signal }, callback) {
        const before = queues.get(name);
        if (before && ifAvailable)
            return callback(null);
        let release = ignore;
        const mine = new Promise((resolve) => (release = resolve));
        const end = Promise.resolve(before).then(() => mine);
        queues.set(name, end);
        try {
            if (before)
                await abortable(before, signal);
            return await callback({ name });
        }
        finally {
            release();
            if (queues.get(name) === end)
                queues.delete(name);
        }
    },
};
