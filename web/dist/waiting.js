/** Promises that can be abandoned. */
/** Returns the reason why a signal has aborted, which React Native does not state. */
export const reasonOf = (signal) => signal.reason ?? Object.assign(new Error("Aborted."), { name: "AbortError" });
/** Returns the same promise, rejected as soon as the signal aborts. The work behind the promise continues. */
export function abortable(promise, signal) {
    if (!signal)
        return promise;
    return new Promise((resolve, reject) => {
        const abort = () => reject(reasonOf(signal));
        signal.addEventListener("abort", abort);
        promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
        if (signal.aborted)
            abort();
    });
}
/** Waits for this many milliseconds, unless the signal aborts. */
export function sleep(timers, ms, signal) {
    let timer;
    const pause = new Promise((resolve) => (timer = timers.setTimeout(resolve, ms)));
    return abortable(pause, signal).finally(() => timers.clearTimeout(timer));
}
