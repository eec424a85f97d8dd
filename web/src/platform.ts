/** The browser features that the client uses, as an interface, so that tests can replace them. */
import type { Timers } from "./waiting.js";

/** The browser features that the client uses besides `fetch`. */
export interface Platform extends Timers {
  /** Milliseconds that never jump. They may stand still while the device sleeps. */
  monotonic(): number;
  /** Milliseconds of the device's clock, which are only ever compared with themselves. */
  wall(): number;
  /** A random number from 0 up to 1. */
  random(): number;
  /** Web Locks, or `null` where there are none. */
  locks: Locks | null;
  /** Opens a channel to the other tabs, or returns `null` where there is none. */
  channel(name: string): Channel | null;
  /** Fires when stored items change and when a page becomes visible again: the window. */
  events: Pick<EventTarget, "addEventListener" | "removeEventListener"> | null;
  localStorage(): Storage;
  /** The cookies that scripts can read, or `null` where there are none: the document. */
  jar: { cookie: string } | null;
}

/** The part of `LockManager` that the client uses. */
export interface Locks {
  request<T>(name: string, options: LockOptions, callback: (lock: unknown) => Promise<T>): Promise<T>;
}

/** How to request a lock. */
export interface LockOptions {
  ifAvailable?: boolean;
  signal?: AbortSignal;
}

/** The part of `BroadcastChannel` that the client uses. */
export interface Channel {
  postMessage(message: unknown): void;
  onmessage: ((event: any) => void) | null;
  close(): void;
}

/** When a request was sent, by the monotonic clock and by the device's, and how long its answer took. */
export interface Instant {
  monotonic: number;
  wall: number;
  tookMs: number;
}

/** A platform that always has locks, its own or leases instead. */
export type FullPlatform = Platform & { locks: Locks };

/** Returns localStorage, or `null`: a browser may throw at the mere access. */
export function localStorageOf(platform: Pick<Platform, "localStorage">): Storage | null {
  try {
    return platform.localStorage() ?? null;
  } catch {
    return null;
  }
}
