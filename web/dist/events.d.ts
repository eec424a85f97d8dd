import type { SignedOutReason, User } from "./session.js";
/** The events of `client.on`. `elsewhere` states whether it happened in another tab. */
export interface Events {
    /** A session has begun where there was none, or another one. */
    signedin: {
        user: User;
        elsewhere: boolean;
    };
    /** The tokens are new. */
    refreshed: {
        user: User;
        elsewhere: boolean;
    };
    /**
     * The session is over for this browser, and `client.user` is `null`. With the reason `replaced` another user has signed in,
     * whom the next `signedin` reports.
     */
    signedout: {
        user: User;
        reason: SignedOutReason;
        elsewhere: boolean;
    };
}
type Listener<K extends keyof Events> = (detail: Events[K]) => void;
export declare class Listeners {
    #private;
    /** Adds a listener. Returns a function that removes it. */
    on<K extends keyof Events>(event: K, listener: Listener<K>): () => void;
    emit<K extends keyof Events>(event: K, detail: Events[K]): void;
}
export {};
