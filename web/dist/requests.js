import { ignore, RatchetError, throws, unreachable } from "./errors.js";
/**
 * Prepares a request so that it can be sent now and once more after a refresh, whatever the caller does to it meanwhile.
 */
export async function repeatable(input, init, target) {
    const { fetch, origins, signal } = target; // called alone, since a browser's own `fetch` must be no method of another object
    const request = isRequest(input) ? input : null;
    const url = target.resolve(request?.url ?? String(input));
    if (!origins.has(url.origin)) {
        throw new RatchetError("origin_refused", `${url.origin} is not one of origins.`);
    }
    const own = new Headers(init.headers ?? request?.headers);
    const body = init.body == null && request ? await bodyOf(request) : copyOf(init.body);
    return async (accessToken) => {
        const headers = new Headers(own);
        headers.set("authorization", `Bearer ${accessToken}`);
        // A redirect is not followed: not every browser removes the token when it leads to another origin.
        const how = { ...init, ...(body == null ? {} : { body }), headers, redirect: "manual" };
        // Invalid requests fail here, so that later failures are those of the network.
        const whole = new Request(request ?? url, how);
        const response = await (request ? fetch(whole) : fetch(url, how)).catch((error) => throws(signal?.aborted ? error : unreachable(error)));
        if (init.redirect === "manual" || !isRedirect(response))
            return response;
        throw new RatchetError("redirect_refused", `${url.origin} redirects ${url.pathname}.`);
    };
}
export const isRequest = (input) => typeof input === "object" && "method" in input;
const isRedirect = ({ type, status }) => type === "opaqueredirect" || [301, 302, 303, 307, 308].includes(status);
const bodyOf = (request) => (/^(get|head)$/i.test(request.method) ? undefined : request.clone().blob());
/** Returns the body as it is now; the caller may change theirs during a refresh. */
function copyOf(body) {
    if (body == null || typeof body !== "object" || body instanceof Blob)
        return body;
    if ("getReader" in body || Symbol.asyncIterator in body) {
        throw new RatchetError("stream_refused", "A stream can't be sent again after a refresh. Send a Blob.");
    }
    if (body instanceof URLSearchParams)
        return new URLSearchParams(body);
    // React Native cannot list the entries of a form, so the caller's own form is sent.
    if (body instanceof FormData && body.forEach) {
        const copy = new FormData();
        body.forEach((value, name) => copy.append(name, value));
        return copy;
    }
    if (ArrayBuffer.isView(body))
        return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice();
    return body instanceof ArrayBuffer ? body.slice(0) : body;
}
/** Returns a header of an answer, or an empty text if it is missing. */
export function headerOf({ headers }, name) {
    const all = headers;
    return String((typeof all.get === "function" ? all.get(name) : all[name]) ?? "");
}
/** Returns whether an answer refuses the access token: `invalid_token` of RFC 6750. */
export const refusesToken = async (answer) => (await refusalOf(answer)) === "invalid_token";
/** Returns the error that a 401 names, in its header (RFC 6750, RFC 9470) or else in its body; empty if it names none. */
export async function refusalOf(answer) {
    if (answer.status !== 401)
        return "";
    const challenge = headerOf(answer, "www-authenticate");
    if (challenge)
        return /\berror="?(\w+)/i.exec(challenge)?.[1]?.toLowerCase() ?? "";
    if (headerOf(answer, "is-token-expired"))
        return "invalid_token";
    const body = "json" in answer ? await answer.clone().json().catch(ignore) : (answer.error ?? answer.data);
    return String(body?.error);
}
