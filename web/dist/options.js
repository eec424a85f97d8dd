/** The options of `createClient`, and the resulting settings. */
import { platformOf } from "./browser.js";
import { misconfigured } from "./errors.js";
import { localStorageOf } from "./platform.js";
const OPTIONS = "baseUrl transport storage deviceStorage origins key sendAccessToken timeoutMs retry fetch platform".split(" ");
const RETRY = { tries: 4, firstPauseMs: 300, longestPauseMs: 8_000, budgetMs: 20_000 };
export function settingsOf(given) {
    const options = given ?? {};
    checkNames("options", options, OPTIONS);
    checkNames("retry", options.retry, Object.keys(RETRY));
    const { transport = "body", storage = "memory", origins = [] } = options;
    if (!Array.isArray(origins))
        throw misconfigured("origins must be a list");
    if (!options.fetch && !globalThis.fetch)
        throw misconfigured("fetch is missing here");
    checkKind(options, "fetch", "function");
    checkKind(options, "key", "string");
    checkKind(options, "sendAccessToken", "boolean");
    checkKind(options, "timeoutMs", "number");
    const retry = { ...options.retry };
    for (const [name, fallback] of Object.entries(RETRY)) {
        checkKind(retry, name, "number");
        retry[name] ??= fallback;
    }
    checkStore("storage", storage);
    checkStore("deviceStorage", options.deviceStorage);
    if (transport !== "body" && transport !== "cookie")
        throw misconfigured("transport must be body or cookie");
    const base = safeOrigin("baseUrl", options.baseUrl);
    // With and without a trailing slash it is the same address.
    base.pathname = base.pathname.replace(/\/*$/, "/");
    const platform = platformOf(options.platform);
    const cookie = transport === "cookie";
    return {
        base,
        cookie,
        storage,
        // Only in a page: Node warns when localStorage is accessed.
        deviceStorage: options.deviceStorage ?? (platform.jar && localStorageOf(platform) ? "local" : storage),
        origins: new Set([base, ...origins.map((origin) => safeOrigin("origins", origin))].map(({ origin }) => origin)),
        key: options.key ?? `ratchet:${base.href}`,
        sendAccessToken: !!options.sendAccessToken,
        timeoutMs: Math.min(options.timeoutMs ?? 15_000, 2 ** 31 - 1), // a timer that is set for longer goes off at once
        retry,
        fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
        platform,
    };
}
/** Refuses a value of another type. A number must not be negative: with such a number no answer would be awaited, or
 * for ever. */
function checkKind(of, option, kind) {
    const value = of[option];
    if (value === undefined || (typeof value === kind && (kind !== "number" || value >= 0)))
        return;
    throw misconfigured(`${option} must be a ${kind}`);
}
function checkStore(option, store) {
    if ([undefined, "local", "memory"].includes(store))
        return;
    if (["getItem", "setItem", "removeItem"].every((name) => typeof store?.[name] === "function"))
        return;
    throw misconfigured(`${option} must be memory, local or an object with getItem, setItem and removeItem`);
}
/** Refuses an unknown option: it would be misspelled, and have no effect. */
function checkNames(of, given = {}, known) {
    if (!given || typeof given !== "object")
        throw misconfigured(`${of} must be an object`);
    const unknown = Object.keys(given).find((name) => !known.includes(name));
    if (unknown !== undefined)
        throw misconfigured(`${of} must not have ${unknown}`);
}
/** Returns the URL of an address to which tokens may go. */
function safeOrigin(option, address) {
    let url;
    try {
        url = new URL(String(address || "http:"), globalThis.location?.href);
    }
    catch {
        throw misconfigured(`${option} must be a URL`);
    }
    if (url.username || url.password || /[?#]/.test(url.href)) {
        throw misconfigured(`${option} must have no credentials, query or fragment`);
    }
    if (option === "origins" && url.pathname !== "/")
        throw misconfigured("origins must have no path");
    if (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname)))
        return url;
    throw misconfigured(`${option} must be https, or http on a loopback address`);
}
/** Returns whether a host is a loopback address, in the spelling of a parsed URL. */
const isLoopback = (host) => /^(127(\.\d+){3}|\[::1\]|(.+\.)?localhost)$/.test(host);
