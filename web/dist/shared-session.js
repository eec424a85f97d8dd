/** The session that all tabs of this browser share. */
import { ignore } from "./errors.js";
import { Listeners } from "./events.js";
import { isSession, newer } from "./session.js";
import { Siblings } from "./siblings.js";
import { MOVED, Store } from "./storage.js";
/** How long a message of a tab may take to arrive after its lock was released. */
const NEWS_MS = 250;
/** How long to wait for a tab that writes to the store. */
const WRITE_MS = 1_000;
/** Holds what is known of the session, in step with the store and the other tabs, and tells the listeners of changes. */
export class SharedSession {
    /** What is stored, as far as is known here. */
    kept = null;
    /** Resolves when the store has been read for the first time. */
    ready;
    listeners = new Listeners();
    siblings;
    #store;
    #key;
    #hasSiblings;
    #platform;
    #hooks;
    /** When the access token was asked for, by the clock that never jumps. */
    #since = 0;
    /** The text that the store held last, so that the same text is the same object. */
    #text = null;
    /** Resolves when all work that was begun before is done. */
    #turn = Promise.resolve();
    /** Called when something has changed, here or in another tab. */
    #waiting = new Set();
    constructor({ storage, cookie, key, platform }, hooks) {
        this.#store = new Store(storage, platform);
        this.#key = key;
        this.#platform = platform;
        this.#hooks = hooks;
        this.#hasSiblings = cookie || storage !== "memory";
        this.siblings = new Siblings(key, platform, this.#hasSiblings, {
            kept: (theirs) => void this.commit((own) => newer(own, theirs), undefined, true).catch(ignore),
            news: () => void this.sync().catch(ignore),
            failed: hooks.failed,
        });
        this.ready = this.sync();
    }
    get session() {
        return isSession(this.kept) ? this.kept : null;
    }
    /** Returns the least age of the access token. A sleeping device may stop one clock, and a person may turn back the other. */
    ageMs() {
        const { session } = this;
        return session ? Math.max(this.#platform.monotonic() - this.#since, this.#platform.wall() - session.at) : 0;
    }
    /** Reads the store. It waits for no other tab: one that is frozen may hold the lock. */
    sync() {
        return this.#inTurn(async () => {
            const kept = this.#parse(await this.#store.get(this.#key));
            this.#adopt(kept, undefined, true);
            return kept;
        });
    }
    /**
     * Replaces what is stored by what `change` makes of it, and adopts that. No other tab writes in between.
     *
     * @param sent when the new tokens were asked for
     * @param elsewhere whether the change comes from another tab
     */
    commit(change, sent, elsewhere = false) {
        const write = async () => {
            const before = this.#parse(await this.#store.get(this.#key));
            const after = change(before);
            if (after !== before) {
                this.#text = JSON.stringify(after);
                await this.#store.set(this.#key, this.#text);
                if (!elsewhere)
                    this.siblings.tell(this.#store.isMemory ? { kept: after } : {});
            }
            this.#adopt(after, after !== before ? sent : undefined, elsewhere || after === before);
            return after;
        };
        return this.#inTurn(() => this.siblings.exclusively("write", WRITE_MS, write));
    }
    /** Ends the session for this browser, if `isOver` says so of what is stored. */
    async end(reason, isOver) {
        await this.commit((before) => {
            return isOver(before) ? { ended: isSession(before) ? before.session_id : null, reason } : before;
        });
    }
    /** Returns what is stored, once it has another access token than this one, or after as long as a message may take. */
    async news(stale) {
        const isNew = () => (this.session ? (this.session.access_token || stale) !== stale : this.kept !== null);
        await this.sync();
        if (!isNew() && this.#hasSiblings) {
            await new Promise((resolve) => {
                const timer = this.#platform.setTimeout(() => done(), NEWS_MS);
                const check = () => isNew() && done();
                const done = () => {
                    this.#waiting.delete(check);
                    this.#platform.clearTimeout(timer);
                    resolve();
                };
                this.#waiting.add(check);
            });
            await this.sync();
        }
        return this.kept;
    }
    /** Does `work` that leads to new refresh tokens, one tab at a time; see {@link Siblings.exclusively}. */
    renewing(patienceMs, work, sharesFate) {
        return this.siblings.exclusively("refresh", patienceMs, work, sharesFate);
    }
    /** Does one piece of work after the other in this tab, since a store may take its time. */
    #inTurn(work) {
        const done = this.#turn.then(work);
        this.#turn = done.catch(ignore);
        return done;
    }
    #parse(text) {
        if (text === this.#text || text === MOVED)
            return this.kept;
        this.#text = text;
        try {
            const kept = JSON.parse(text ?? "null");
            return isSession(kept) || (kept && "ended" in kept) ? kept : null;
        }
        catch {
            return null;
        }
    }
    #adopt(after, sent, elsewhere) {
        const before = this.session;
        this.kept = after;
        const now = this.session;
        const isNew = now?.access_token !== before?.access_token;
        if (now && isNew) {
            const { monotonic, wall } = this.#platform;
            this.#since = sent?.monotonic ?? monotonic() - Math.max(0, wall() - now.at);
        }
        if (before?.session_id === now?.session_id) {
            if (now?.access_token && isNew)
                this.listeners.emit("refreshed", { user: now.user, elsewhere });
        }
        else {
            const reason = now ? "replaced" : ((after && "reason" in after && after.reason) || "cleared");
            if (before)
                this.#hooks.ended();
            // The next session of the same user, after another sign-in or a change of the password, is no end for the page.
            if (before && before.user.id !== now?.user.id)
                this.listeners.emit("signedout", { user: before.user, reason, elsewhere });
            if (now)
                this.listeners.emit("signedin", { user: now.user, elsewhere });
        }
        this.#waiting.forEach((check) => check());
    }
}
