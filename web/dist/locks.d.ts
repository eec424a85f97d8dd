import { type Locks, type Platform } from "./platform.js";
/**
 * Returns a replacement for Web Locks: a queue among the clients of one page, and among tabs an entry in localStorage that
 * lasts as long as a refresh takes.
 *
 * Two tabs may both believe that they hold the lease: if a tab's timers slept past its end, or if a claim takes longer
 * than usual to become visible. Then both refresh, and the service gives both the same next token.
 */
export declare function leases(platform: Platform): Locks;
