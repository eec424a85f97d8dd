import type { ClientOptions } from "./options.js";
import { type Platform } from "./platform.js";
/** Takes the place of a session that could not be stored: the session lives on in the memory of the tabs. */
export declare const MOVED = "{\"moved\":true}";
/** A {@link TokenStorage} that never fails: once the store behind it does, this is memory. */
export declare class Store {
    #private;
    constructor(storage: NonNullable<ClientOptions["storage"]>, platform: Platform);
    get isMemory(): boolean;
    get(name: string): Promise<string | null>;
    set(name: string, text: string): Promise<void>;
}
/** The device token of each account that has signed in here. */
export declare class Devices {
    #private;
    constructor(store: Store, key: string);
    get(email: string): Promise<string | undefined>;
    set(email: string, token: string | undefined): Promise<void>;
}
