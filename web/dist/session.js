/** A session as it is stored, and how it is read from the service's answers. */
import { RatchetError } from "./errors.js";
export const isSession = (kept) => typeof kept?.session_id === "string" && typeof kept.user?.id === "string";
/** Returns what to keep when another tab sends what it holds. */
export function newer(own, theirs) {
    if (isSession(theirs)) {
        if (isSession(own) && own.session_id === theirs.session_id)
            return theirs.count > own.count ? theirs : own;
        return own && "ended" in own && own.ended === theirs.session_id ? own : theirs;
    }
    if (!theirs || !isSession(own))
        return theirs ?? own;
    return theirs.ended === null || theirs.ended === own.session_id ? theirs : own;
}
/** Reads a token response to the request that was sent then. */
export function readTokens(answer, sent, cookie) {
    const { access_token, refresh_token, session_id, user, device_token } = answer ?? {};
    const { expires_in, refresh_after, refresh_expires_in } = answer ?? {};
    const texts = [access_token, session_id, user?.id, ...(cookie ? [] : [refresh_token])];
    const numbers = [expires_in, refresh_after, refresh_expires_in];
    if (!texts.every((text) => typeof text === "string" && text) || !numbers.every(Number.isFinite)) {
        throw new RatchetError("unexpected_answer", "The answer has no tokens.", { status: 200 });
    }
    if (cookie && refresh_token !== undefined) {
        throw new RatchetError("unexpected_answer", "The refresh token is not in its cookie.", { status: 200 });
    }
    const tokens = { session_id, user, access_token, refresh_token, at: sent.wall, expires_in, refresh_after, refresh_expires_in };
    return {
        user,
        sent,
        deviceToken: typeof device_token === "string" ? device_token : undefined,
        next: (before) => ({ ...tokens, count: (before?.count ?? 0) + 1 }),
    };
}
