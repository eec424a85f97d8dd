/** Where sessions, device tokens and retry keys are kept. */
import type { TokenStorage } from "./options.js";
import { type Platform } from "./platform.js";
/** Takes the place of a session that could not be stored: the session lives on in the memory of the tabs. */
export declare const MOVED = "{\"moved\":true}";
/** One item of a {@link TokenStorage}. It never fails: while the store behind it does, memory takes its place. */
export declare class Store {
    #private;
    /** Whether all tabs certainly have this store. A session storage is copied into a tab that is duplicated. */
    readonly isShared: boolean;
    /** Whether memory holds what the store could not take. */
    isUnsaved: boolean;
    constructor(storage: "memory" | "local" | TokenStorage, platform: Pick<Platform, "localStorage">, name: string);
    get isMemory(): boolean;
    get(): Promise<string | null>;
    /**
     * Returns whether the store has taken the text.
     *
     * @param isOptional whether nothing is to change, in memory neither, if the store does not take it
     */
    set(text: string, isOptional?: boolean): Promise<boolean>;
}
/** The device token of each account that has signed in here. */
export declare class Devices {
    #private;
    constructor(store: Store);
    get(email: string): Promise<string | undefined>;
    set(email: string, token: unknown): Promise<void>;
}
