/** The options of `createClient`, and the settings that they become. */
import { platformOf } from "./browser.js";
import { misconfigured } from "./errors.js";
const RETRY = { tries: 4, firstPauseMs: 300, longestPauseMs: 8_000, budgetMs: 20_000 };
export function settingsOf(options) {
    const { transport = "body", storage = "memory", origins = [] } = options;
    if (transport !== "body" && transport !== "cookie")
        throw misconfigured("transport must be body or cookie");
    const base = safeOrigin("baseUrl", options.baseUrl);
    const cookie = transport === "cookie";
    return {
        base,
        cookie,
        storage,
        deviceStorage: options.deviceStorage ?? (cookie ? "local" : storage),
        origins: new Set([base, ...origins.map((origin) => safeOrigin("origins", origin))].map(({ origin }) => origin)),
        key: options.key ?? `ratchet:${base.href}`,
        sendAccessToken: options.sendAccessToken === true,
        timeoutMs: options.timeoutMs ?? 15_000,
        retry: { ...RETRY, ...options.retry },
        fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
        platform: platformOf(options.platform),
    };
}
/** Returns the URL of an address to which tokens may go. */
function safeOrigin(option, address) {
    let url;
    try {
        url = new URL(String(address), globalThis.location?.href);
    }
    catch {
        throw misconfigured(`${option} must be a URL`);
    }
    if (url.username || url.password || url.search || url.hash) {
        throw misconfigured(`${option} must have no credentials, query or fragment`);
    }
    if (option === "origins" && url.pathname !== "/")
        throw misconfigured("origins must have no path");
    if (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname)))
        return url;
    throw misconfigured(`${option} must be https, or http on a loopback address`);
}
/** Whether a host is a loopback address, in the spelling of a parsed URL. */
const isLoopback = (host) => /^(127(\.\d+){3}|\[::1\]|(.+\.)?localhost)$/.test(host);
