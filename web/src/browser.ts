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
      // Deno does not exit while a channel is open, and has no tabs.
      if (!scope.BroadcastChannel || "Deno" in scope) return null;
      const channel = new BroadcastChannel(name);
      // In Node an open channel would keep the process from ending.
      (channel as { unref?: () => void }).unref?.();
      return channel;
    },
    events: typeof scope.addEventListener === "function" ? scope : null,
    localStorage: () => scope.localStorage,
    jar: scope.document ?? null,
    ...given,
  };
  platform.locks ??= leases(platform);
  return platform as FullPlatform;
}
