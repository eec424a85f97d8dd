export class Listeners {
    #listeners = {
        signedin: new Set(),
        refreshed: new Set(),
        signedout: new Set(),
    };
    /** Adds a listener. Returns a function that removes it. */
    on(event, listener) {
        this.#listeners[event].add(listener);
        return () => void this.#listeners[event].delete(listener);
    }
    emit(event, detail) {
        for (const listener of [...this.#listeners[event]]) {
            try {
                listener(detail);
            }
            catch (error) {
                // It is the listener's own fault; the session goes on.
                (globalThis.reportError ?? console.error)(error);
            }
        }
    }
}
