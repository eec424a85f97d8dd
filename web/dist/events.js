/** The events of a session, and their listeners. */
import { RatchetError } from "./errors.js";
export class Listeners {
    #listeners = {
        signedin: new Set(),
        refreshed: new Set(),
        signedout: new Set(),
    };
    /** Adds a listener. Returns a function that removes it. */
    on(event, listener) {
        const listeners = this.#listeners[event];
        if (!(listeners instanceof Set) || typeof listener !== "function") {
            throw new RatchetError("invalid_argument", `on: ${event} is no event, or has no listener`);
        }
        listeners.add(listener);
        return () => void listeners.delete(listener);
    }
    emit(event, detail) {
        for (const listener of [...this.#listeners[event]]) {
            try {
                listener(detail);
            }
            catch (error) {
                // It is the listener's own error; the session goes on.
                (globalThis.reportError ?? console.error)(error);
            }
        }
    }
}
