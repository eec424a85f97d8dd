/** Where sessions, device tokens and retry keys are kept. */
import type { TokenStorage } from "./options.js";
import { type Platform } from "./platform.js";
/** Replaces a session that could not be stored: the session lives on in the memory of the tabs. */
export declare const MOVED = "{\"moved\":true}";
/** One item of a {@link TokenStorage}. It never fails: while its store fails, it is kept in memory. */
export declare class Store {
    #private;
    /** Whether all tabs certainly have this store. A session storage is copied into a tab that is duplicated. */
    readonly isShared: boolean;
    /** Whether memory holds something that could not be stored. */
    isUnsaved: boolean;
    constructor(storage: "memory" | "local" | TokenStorage, platform: Pick<Platform, "localStorage">, name: string);
    get isMemory(): boolean;
    get(): Promise<string | null>;
    /**
     * Returns whether the store has taken the text.
     *
     * @param isOptional whether nothing may change, in memory either, if the text cannot be stored
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
