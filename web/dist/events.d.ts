import type { SignedOutReason, User } from "./session.js";
/** The events that `client.on` listens to. `elsewhere` says whether it happened in another tab. */
export interface Events {
    /** There is a session where there was none, or another one. */
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
     * whom `signedin` tells next.
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
