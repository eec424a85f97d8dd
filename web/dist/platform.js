/** Returns localStorage, or `null`: a browser may throw at the mere access. */
export function localStorageOf(platform) {
    try {
        return platform.localStorage() ?? null;
    }
    catch {
        return null;
    }
}
