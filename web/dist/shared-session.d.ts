/** The session that all tabs of this browser share. */
import { type RatchetError } from "./errors.js";
import { Listeners } from "./events.js";
import type { Settings } from "./options.js";
import type { Instant } from "./platform.js";
import { type Kept, type Session, type SignedOutReason } from "./session.js";
import { Siblings, type Waited } from "./siblings.js";
/** The circumstances of a change; see {@link SharedSession.commit}. */
export interface How {
    /** When the new tokens were requested. */
    sent?: Instant;
    /** Whether the change comes from another tab. */
    elsewhere?: boolean;
    /** Whether nothing may change if it cannot be stored. */
    isOptional?: boolean;
}
/** The client's reactions to changes of the session. */
export interface Hooks {
    /** The session is over or was replaced. */
    ended(): void;
    /** A refresh of another tab failed. */
    failed(error: RatchetError): void;
}
/** Holds what is known of the session, in step with the store and the other tabs, and tells the listeners of changes. */
export declare class SharedSession {
    #private;
    /** The stored session, as far as it is known here. */
    kept: Kept;
    /** Whether another tab may report that it has continued since this one's store was copied from it. */
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
    /** Reads the store. It does not wait for other tabs: a frozen one may hold the lock. */
    sync(): Promise<Kept>;
    /**
     * Replaces the stored session by the result of `change`, and adopts that. No other tab writes in between. If the store has
     * lost something, or could not store it before, it is written again.
     */
    commit(change: (before: Kept) => Kept, { sent, elsewhere, isOptional }?: How): Promise<Kept>;
    /** Does `work` while no other tab writes. */
    writing<T>(work: () => Promise<T>): Promise<T>;
    /** Stores a retry key for the refresh token, if it has none and the store takes it. Returns what the store then holds. */
    withKey(): Promise<Kept>;
    /** Ends the session for this browser, if `isOver` returns true for the stored one. */
    end(reason: SignedOutReason, isOver: (before: Kept) => boolean): Promise<void>;
    /** Returns the stored session once it has another access token than this one, or after as long as a message may take. */
    news(stale: string): Promise<Kept>;
    /** Does `work` that leads to new refresh tokens, one tab at a time; see {@link Siblings.exclusively}. */
    renewing<T>(patienceMs: number, work: (waited: Waited) => Promise<T>, sharesFate?: boolean): Promise<T>;
}
