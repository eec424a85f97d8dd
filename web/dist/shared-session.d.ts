/** The session that all tabs of this browser share. */
import { type RatchetError } from "./errors.js";
import { Listeners } from "./events.js";
import type { Settings } from "./options.js";
import type { Instant } from "./platform.js";
import { type Kept, type Session, type SignedOutReason } from "./session.js";
import { Siblings, type Waited } from "./siblings.js";
/** How a change is made; see {@link SharedSession.commit}. */
export interface How {
    /** When the new tokens were asked for. */
    sent?: Instant;
    /** Whether the change comes from another tab. */
    elsewhere?: boolean;
    /** Whether nothing is to change if it can't be stored. */
    isOptional?: boolean;
}
/** What the client does when something happens to the session. */
export interface Hooks {
    /** The session is over or was replaced. */
    ended(): void;
    /** A refresh of another tab failed. */
    failed(error: RatchetError): void;
}
/** Holds what is known of the session, in step with the store and the other tabs, and tells the listeners of changes. */
export declare class SharedSession {
    #private;
    /** What is stored, as far as is known here. */
    kept: Kept;
    /** Whether another tab may be about to say that it has gone on since this one's store was copied from it. */
    mayBeCopy: boolean;
    /** Resolves when the store has been read for the first time. */
    readonly ready: Promise<Kept>;
    readonly listeners: Listeners;
    readonly siblings: Siblings;
    constructor({ storage, cookie, key, platform }: Settings, hooks: Hooks);
    get session(): Session | null;
    /**
     * Returns the least age of the access token. A sleeping device may stop one clock, and a person may turn back the other. If
     * the other one is put forward, the token only seems to be old: that costs one refresh, after which `at` is of the new time.
     */
    ageMs(): number;
    /** Reads the store. It waits for no other tab: one that is frozen may hold the lock. */
    sync(): Promise<Kept>;
    /**
     * Replaces what is stored by what `change` makes of it, and adopts that. No other tab writes in between. What the store has
     * lost, or could not take before, is written again.
     */
    commit(change: (before: Kept) => Kept, { sent, elsewhere, isOptional }?: How): Promise<Kept>;
    /** Does `work` while no other tab writes. */
    writing<T>(work: () => Promise<T>): Promise<T>;
    /** Stores a retry key for the refresh token, if it has none and the store takes it. Returns what the store then holds. */
    withKey(): Promise<Kept>;
    /** Ends the session for this browser, if `isOver` says so of what is stored. */
    end(reason: SignedOutReason, isOver: (before: Kept) => boolean): Promise<void>;
    /** Returns what is stored, once it has another access token than this one, or after as long as a message may take. */
    news(stale: string): Promise<Kept>;
    /** Does `work` that leads to new refresh tokens, one tab at a time; see {@link Siblings.exclusively}. */
    renewing<T>(patienceMs: number, work: (waited: Waited) => Promise<T>, sharesFate?: boolean): Promise<T>;
}
