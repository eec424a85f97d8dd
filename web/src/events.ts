/** The events of a session, and their listeners. */
import { RatchetError } from "./errors.js";
import type { SignedOutReason, User } from "./session.js";

/** The events of `client.on`. `elsewhere` states whether it happened in another tab. */
export interface Events {
  /** A session has begun where there was none, or another one. */
  signedin: { user: User; elsewhere: boolean };
  /** The tokens are new. */
  refreshed: { user: User; elsewhere: boolean };
  /**
   * The session is over for this browser, and `client.user` is `null`. With the reason `replaced` another user has signed in,
   * whom the next `signedin` reports.
   */
  signedout: { user: User; reason: SignedOutReason; elsewhere: boolean };
}

type Listener<K extends keyof Events> = (detail: Events[K]) => void;

export class Listeners {
  readonly #listeners: { [K in keyof Events]: Set<Listener<K>> } = {
    signedin: new Set(),
    refreshed: new Set(),
    signedout: new Set(),
  };

  /** Adds a listener. Returns a function that removes it. */
  on<K extends keyof Events>(event: K, listener: Listener<K>): () => void {
    const listeners = this.#listeners[event];
    if (!(listeners instanceof Set) || typeof listener !== "function") {
      throw new RatchetError("invalid_argument", `on: ${event} is no event, or has no listener`);
    }
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  emit<K extends keyof Events>(event: K, detail: Events[K]) {
    for (const listener of [...this.#listeners[event]]) {
      try {
        listener(detail);
      } catch (error) {
        // It is the listener's own error; the session goes on.
        (globalThis.reportError ?? console.error)(error);
      }
    }
  }
}
