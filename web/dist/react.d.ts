/** Ratchet for React: a provider of the client, and a hook that follows the session. */
import { type ReactNode } from "react";
import type { Client, User } from "./index.js";
/** Provides the client to the components inside. Create the client once, outside of components. */
export declare function RatchetProvider({ client, children }: {
    client: Client;
    children?: ReactNode;
}): import("react").FunctionComponentElement<import("react").ProviderProps<Client | null>>;
/** Returns the client and the user, which is `null` when nobody is signed in. Renders again when that changes, in any tab. */
export declare function useRatchet(): {
    client: Client;
    user: User | null;
};
