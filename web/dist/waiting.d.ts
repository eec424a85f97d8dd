/** Promises that can be abandoned. */
/** The part of the platform that measures pauses. */
export interface Timers {
    setTimeout(callback: () => void, ms: number): unknown;
    clearTimeout(timer: any): void;
}
/** Returns the reason why a signal has aborted, which React Native does not state. */
export declare const reasonOf: (signal: AbortSignal) => unknown;
/** Returns the same promise, rejected as soon as the signal aborts. The work behind the promise continues. */
export declare function abortable<T>(promise: Promise<T>, signal: AbortSignal | null | undefined): Promise<T>;
/** Waits for this many milliseconds, unless the signal aborts. */
export declare function sleep(timers: Timers, ms: number, signal?: AbortSignal): Promise<void>;
