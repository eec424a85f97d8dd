/** The platform that the client runs on: a page, a worker, or a runtime without either. */
import { leases } from "./locks.js";
import type { FullPlatform, Locks, Platform } from "./platform.js";

/** Returns the platform of this runtime, with replacements for some of its parts. */
export function platformOf(given?: Partial<Platform>): FullPlatform {
  const scope = globalThis;
  const platform: Platform = {
    monotonic: () => performance.now(),
    wall: () => Date.now(),
    random: () => Math.random(),
    setTimeout: (callback, ms) => setTimeout(callback, ms),
    clearTimeout: (timer) => clearTimeout(timer),
    locks: (scope.navigator?.locks as Locks | undefined) ?? null,
    channel: (name) => {
      try {
        // Deno does not end while one is open, and has no tabs.
        const channel = "Deno" in scope ? null : new BroadcastChannel(name);
        // In Node an open channel would keep the process from ending.
        (channel as { unref?: () => void } | null)?.unref?.();
        return channel;
      } catch {
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
  return platform as FullPlatform;
}
