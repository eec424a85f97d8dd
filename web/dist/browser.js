/** The platform that the client runs on: a page, a worker, or a runtime without either. */
import { leases } from "./locks.js";
/** Returns the platform of this runtime, with replacements for some of its parts. */
export function platformOf(given) {
    const scope = globalThis;
    const platform = {
        monotonic: () => performance.now(),
        wall: () => Date.now(),
        random: () => Math.random(),
        setTimeout: (callback, ms) => setTimeout(callback, ms),
        clearTimeout: (timer) => clearTimeout(timer),
        locks: scope.navigator?.locks ?? null,
        channel: (name) => {
            try {
                // Deno does not end while one is open, and has no tabs.
                const channel = "Deno" in scope ? null : new BroadcastChannel(name);
                // In Node an open channel would keep the process from ending.
                channel?.unref?.();
                return channel;
            }
            catch {
                // There are none, or the browser refuses them, as Firefox does where a site may store nothing.
                return null;
            }
        },
        events: typeof scope.addEventListener === "function" ? scope : null,
        localStorage: () => scope.localStorage,
        jar: scope.document ?? null,
        ...given,
    };
    platform.locks ??= leases(platform);
    return platform;
}
