"use client";
/** Ratchet for React: a provider of the client, and a hook that follows the session. */
import { createContext, createElement, useCallback, useContext, useSyncExternalStore } from "react";
const RatchetContext = createContext(null);
/** Provides the client to the components inside. Create the client once, outside of components. */
export function RatchetProvider({ client, children }) {
    return createElement(RatchetContext.Provider, { value: client }, children);
}
/** Returns the client and the user, which is `null` when nobody is signed in. Renders again when that changes, in any tab. */
export function useRatchet() {
    const client = useContext(RatchetContext);
    if (!client)
        throw new Error("useRatchet: there is no RatchetProvider around this component.");
    const subscribe = useCallback((changed) => {
        const ends = ["signedin", "refreshed", "signedout"].map((event) => client.on(event, changed));
        return () => ends.forEach((end) => end());
    }, [client]);
    const user = useSyncExternalStore(subscribe, () => client.user, () => null);
    return { client, user };
}
