/** Promises that can be abandoned. */
/** The part of the platform that measures pauses. */
export interface Timers {
    setTimeout(callback: () => void, ms: number): unknown;
    clearTimeout(timer: any): void;
}
/** Returns why a signal has aborted. React Native does not say. */
export declare const reasonOf: (signal: AbortSignal) => unknown;
/** Returns the same promise, rejected as soon as the signal aborts. The work behind the promise goes on. */
export declare function abortable<T>(promise: Promise<T>, signal: AbortSignal | null | undefined): Promise<T>;
/** Waits for so many milliseconds, unless the signal aborts. */
export declare function sleep(timers: Timers, ms: number, signal?: AbortSignal): Promise<void>;
