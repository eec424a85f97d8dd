/** The other tabs of this browser that share the session: messages between them, and locks among them. */
import { type ErrorCode, type ErrorDetails, RatchetError } from "./errors.js";
import { type FullPlatform } from "./platform.js";
import type { Kept } from "./session.js";
/** A message to the other tabs: a session that they may not find in the store, a change of the store, or a failed refresh. */
interface Message {
    /** Asks the others what they hold. */
    ask?: boolean;
    kept?: Kept;
    failed?: ErrorDetails & {
        code: ErrorCode;
        message: string;
    };
}
/** Called with the messages of other tabs. */
export interface Hearer {
    /** Another tab holds this, which may be missing in the store of this one. */
    kept(kept: Kept): void;
    /** The store may hold something new. */
    news(): void;
    /** Another tab asks what this one holds. */
    asked(): void;
    /** A refresh of another tab failed. */
    failed(error: RatchetError): void;
}
/** Reports that another tab was busy before, and how it failed, if it has reported that. */
export type Waited = {
    failure: () => RatchetError | null;
} | null;
export declare class Siblings {
    #private;
    /** @param hasSiblings whether other tabs can have the same session */
    constructor(key: string, platform: FullPlatform, hasSiblings: boolean, hearer: Hearer);
    tell(message: Message): void;
    /**
     * Asks the other tabs what they hold, and from then on sends messages through localStorage if there is no channel.
     * Returns whether others can answer.
     */
    ask(): boolean;
    /** Tells the tabs that wait for this tab's refresh that it failed. */
    tellFailure(error: RatchetError): void;
    /**
     * Does `work` while no other tab does. After `patienceMs` the work is done all the same: a frozen tab may hold the lock.
     *
     * @param sharesFate whether the work is unnecessary if the tab that holds the lock fails
     */
    exclusively<T>(name: "write" | "refresh", patienceMs: number, work: (waited: Waited) => Promise<T>, sharesFate?: boolean): Promise<T>;
    close(): void;
}
export {};
