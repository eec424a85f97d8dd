/** The session that all tabs of this browser share. */
import { ignore } from "./errors.js";
import { Listeners } from "./events.js";
import { freshKey } from "./retry-key.js";
import { idOf, isOlder, isSession, isWhole, newer } from "./session.js";
import { Siblings } from "./siblings.js";
import { MOVED, Store } from "./storage.js";
/** How long a message of a tab may take to arrive after its lock was released. */
const NEWS_MS = 250;
/** How long to wait for a tab that writes to the store. */
const WRITE_MS = 1_000;
/** Holds what is known of the session, in step with the store and the other tabs, and tells the listeners of changes. */
export class SharedSession {
    /** The stored session, as far as it is known here. */
    kept = null;
    /** Whether another tab may report that it has continued since this one's store was copied from it. */
    mayBeCopy;
    /** Resolves when the store has been read for the first time. */
    ready;
    listeners = new Listeners();
    siblings;
    #store;
    #cookie;
    #hasSiblings;
    /** Whether the store may be this tab's own, as a session storage is. */
    #isOwn;
    #platform;
    #hooks;
    /** When the access token was requested, by the monotonic clock. */
    #since = 0;
    /** The text that the store held last, so that the same text is the same object. */
    #text = null;
    /** Whether the store holds something older than what is known here. */
    #isBehind = false;
    /** Resolves when all work that began before is done. */
    #turn = Promise.resolve();
    /** Called when something has changed, here or in another tab. */
    #waiting = new Set();
    constructor({ storage, cookie, key, platform }, hooks) {
        this.#store = new Store(storage, platform, key);
        this.#cookie = cookie;
        this.#platform = platform;
        this.#hooks = hooks;
        this.#hasSiblings = cookie || storage !== "memory";
        this.#isOwn = !cookie && typeof storage === "object";
        this.siblings = new Siblings(key, platform, this.#hasSiblings, {
            kept: (theirs) => void this.commit((own) => this.#heard(own, theirs), { elsewhere: true }).catch(ignore),
            news: () => void this.sync().catch(ignore),
            asked: () => this.session && this.#isOwn && this.siblings.tell({ kept: this.kept }),
            failed: hooks.failed,
        });
        this.mayBeCopy = this.#isOwn && this.siblings.ask();
        this.ready = this.sync();
    }
    get session() {
        return isSession(this.kept) ? this.kept : null;
    }
    /**
     * Returns the least age of the access token. A sleeping device may stop one clock, and a person may turn back the other. If
     * the other one is put forward, the token only seems to be old: that costs one refresh, after which `at` is of the new time.
     */
    ageMs() {
        const { session } = this;
        return session ? Math.max(this.#platform.monotonic() - this.#since, this.#platform.wall() - session.at) : 0;
    }
    /** Reads the store. It does not wait for other tabs: a frozen one may hold the lock. */
    sync() {
        return this.#inTurn(async () => {
            const kept = await this.#read();
            this.#adopt(kept, undefined, true);
            if (this.#isBehind || this.#store.isUnsaved)
                this.commit((before) => before).catch(ignore);
            return kept;
        });
    }
    /**
     * Replaces the stored session by the result of `change`, and adopts that. No other tab writes in between. If the store has
     * lost something, or could not store it before, it is written again.
     */
    commit(change, { sent, elsewhere = false, isOptional = false } = {}) {
        const write = async () => {
            const before = await this.#read();
            const after = change(before);
            const isNew = after !== before;
            if (isNew || this.#isBehind || this.#store.isUnsaved) {
                const text = JSON.stringify(after);
                if (!(await this.#store.set(text, isOptional)) && isOptional)
                    return before;
                this.#text = text;
                this.#isBehind = false;
                if (isNew && !elsewhere)
                    this.siblings.tell(this.#store.isShared && !this.#store.isMemory ? {} : { kept: after });
            }
            this.#adopt(after, isNew ? sent : undefined, elsewhere || !isNew);
            return after;
        };
        return this.#inTurn(() => this.writing(write));
    }
    /** Does `work` while no other tab writes. */
    writing(work) {
        return this.siblings.exclusively("write", WRITE_MS, work);
    }
    /** Stores a retry key for the refresh token, if it has none and the store takes it. Returns what the store then holds. */
    async withKey() {
        const add = (before) => {
            const retry_key = isSession(before) && before.refresh_token && !before.retry_key && freshKey();
            return retry_key ? { ...before, retry_key } : before;
        };
        await this.commit(add, { isOptional: true });
        return this.sync();
    }
    /** Ends the session for this browser, if `isOver` returns true for the stored one. */
    async end(reason, isOver) {
        await this.commit((before) => (isOver(before) ? { ended: idOf(before), reason } : before));
    }
    /** Returns the stored session once it has another access token than this one, or after as long as a message may take. */
    async news(stale) {
        this.mayBeCopy = false;
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
    /** Does one piece of work after the other in this tab, because a store may take its time. */
    #inTurn(work) {
        const done = this.#turn.then(work);
        this.#turn = done.catch(ignore);
        return done;
    }
    async #read() {
        const began = this.#platform.monotonic();
        const text = await this.#store.get();
        // This tab may have been frozen with the lock meanwhile; others have written without it.
        return this.#parse(this.#platform.monotonic() - began < WRITE_MS ? text : await this.#store.get());
    }
    #parse(text) {
        text ??= "null";
        if (text === this.#text || text === MOVED)
            return this.kept;
        this.#text = text;
        const kept = parsed(text, this.#cookie);
        const isOld = isOlder(kept, this.kept);
        // A damaged value is replaced too.
        this.#isBehind = isOld || (!kept && text !== "null");
        return isOld ? this.kept : kept;
    }
    /** Returns what to keep when another tab sends its session. In its own store a tab keeps its own session. */
    #heard(own, theirs) {
        return this.#isOwn && !this.#store.isMemory && idOf(own) !== idOf(theirs) ? own : newer(own, theirs);
    }
    #adopt(after, sent, elsewhere) {
        const before = this.session;
        const now = isSession(after) ? after : null;
        const isOther = before !== null && before.user.id !== now?.user.id;
        const reason = now ? "replaced" : (after?.reason ?? "cleared");
        // Between two users nobody is signed in, for listeners that look when they learn that the first has gone.
        this.kept = now && isOther ? { ended: before.session_id, reason } : after;
        const isNew = now?.access_token !== before?.access_token;
        if (now && isNew) {
            const { monotonic, wall } = this.#platform;
            this.#since = sent?.monotonic ?? monotonic() - Math.max(0, wall() - now.at);
        }
        if (sent)
            this.mayBeCopy = false;
        if (before && before.session_id !== now?.session_id)
            this.#hooks.ended();
        // The next session of the same user, after another sign-in or a password change, is not a sign-out for the page.
        if (isOther)
            this.listeners.emit("signedout", { user: before.user, reason, elsewhere });
        this.kept = after;
        if (before?.session_id === now?.session_id) {
            if (now?.access_token && isNew)
                this.listeners.emit("refreshed", { user: now.user, elsewhere });
        }
        else if (now) {
            this.listeners.emit("signedin", { user: now.user, elsewhere });
        }
        this.#waiting.forEach((check) => check());
    }
}
/** Returns the meaning of a stored text. A foreign or damaged one means nothing is stored. */
function parsed(text, cookie) {
    try {
        const kept = JSON.parse(text);
        return isWhole(kept, cookie) || (kept && "ended" in kept) ? kept : null;
    }
    catch {
        return null;
    }
}
