/** Promises that can be abandoned. */

/** The part of the platform that measures pauses. */
export interface Timers {
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(timer: any): void;
}

/** Returns the reason why a signal has aborted, which React Native does not state. */
export const reasonOf = (signal: AbortSignal): unknown =>
  signal.reason ?? Object.assign(new Error("Aborted."), { name: "AbortError" });

/** Returns the same promise, rejected as soon as the signal aborts. The work behind the promise continues. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(reasonOf(signal));
    signal.addEventListener("abort", abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
    if (signal.aborted) abort();
  });
}

/** Waits for this many milliseconds, unless the signal aborts. */
export function sleep(timers: Timers, ms: number, signal?: AbortSignal): Promise<void> {
  let timer: unknown;
  const pause = new Promise<void>((resolve) => (timer = timers.setTimeout(resolve, ms)));
  return abortable(pause, signal).finally(() => timers.clearTimeout(timer));
}
