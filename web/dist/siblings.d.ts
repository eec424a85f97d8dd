/** The other tabs of this browser that share the session: messages between them, and locks among them. */
import { type ErrorCode, type ErrorDetails, RatchetError } from "./errors.js";
import { type FullPlatform } from "./platform.js";
import type { Kept } from "./session.js";
/** A message to the other tabs: a session that they may not find in the store, that the store has changed, or that a refresh failed. */
interface Message {
    /** Asks the others what they hold. */
    ask?: boolean;
    kept?: Kept;
    failed?: ErrorDetails & {
        code: ErrorCode;
        message: string;
    };
}
/** Called with what other tabs tell. */
export interface Hearer {
    /** Another tab holds this, and it may not be in the store of this one. */
    kept(kept: Kept): void;
    /** The store may hold something new. */
    news(): void;
    /** Another tab asks what this one holds. */
    asked(): void;
    /** A refresh of another tab failed. */
    failed(error: RatchetError): void;
}
/** Says that another tab was busy before, and how it failed, if it has said so. */
export type Waited = {
    failure: () => RatchetError | null;
} | null;
export declare class Siblings {
    #private;
    /** @param hasSiblings whether other tabs can have the same session */
    constructor(key: string, platform: FullPlatform, hasSiblings: boolean, hearer: Hearer);
    tell(message: Message): void;
    /**
     * Asks the other tabs what they hold, and lets messages pass through localStorage from then on where there is no channel.
     * Returns whether others can answer.
     */
    ask(): boolean;
    /** Tells the tabs that wait for this tab's refresh that it failed. */
    tellFailure(error: RatchetError): void;
    /**
     * Does `work` while no other tab does. After `patienceMs` the work is done all the same: a tab may be frozen with the lock.
     *
     * @param sharesFate whether the work needn't be done if the tab that is waited for fails
     */
    exclusively<T>(name: "write" | "refresh", patienceMs: number, work: (waited: Waited) => Promise<T>, sharesFate?: boolean): Promise<T>;
    close(): void;
}
export {};
