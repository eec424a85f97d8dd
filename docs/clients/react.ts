// Ratchet for React 19. Copy it with ratchet.js and ratchet.d.ts.
import { createContext, useCallback, useContext, useSyncExternalStore } from "react";
import type { Client } from "./ratchet.js";

/** Around your app: `<RatchetContext value={createClient(...)}>`, with a client that is made once. */
export const RatchetContext = createContext<Client | null>(null);

/** The client, and whose session it is: `null` when nobody is signed in. */
export function useRatchet() {
  const client = useContext(RatchetContext);
  if (!client) throw new Error("useRatchet: there is no RatchetContext around this component.");
  const subscribe = useCallback(
    (changed: () => void) => {
      const ends = (["signedin", "refreshed", "signedout"] as const).map((event) => client.on(event, changed));
      return () => ends.forEach((end) => end());
    },
    [client],
  );
  const user = useSyncExternalStore(subscribe, () => client.user, () => null);
  return { client, user };
}
