/** A session as it is stored, and how it is read from the service's answers. */
import { RatchetError } from "./errors.js";
export const isSession = (kept) => typeof kept?.session_id === "string" && typeof kept.user?.id === "string";
/** Returns whether these are all members of a session, each of its type. A store may have damaged them. */
export const isWhole = (session, cookie) => {
    const { access_token, refresh_token = "", retry_key = "", at, count, expires_in, refresh_after, refresh_expires_in } = session ?? {};
    const texts = [access_token, refresh_token, retry_key];
    const numbers = [at, count, expires_in, refresh_after, refresh_expires_in];
    return (isSession(session) &&
        !refresh_token === cookie &&
        texts.every((text) => typeof text === "string") &&
        numbers.every(Number.isFinite));
};
/** Returns the id of the stored session, or of the one that has ended. */
export const idOf = (kept) => (isSession(kept) ? kept.session_id : (kept?.ended ?? null));
/** Returns whether both are the same session with the same refresh token. */
export const isSame = (one, other) => isSession(one) && isSession(other) && one.session_id === other.session_id && one.count === other.count;
/** Returns whether a value that was read is older than what is known: a store or a tab has lost, or restored, something. */
export const isOlder = (read, own) => isSession(read) && own !== null && idOf(own) === read.session_id && (!isSession(own) || read.count < own.count);
/** Returns what to keep when another tab sends its session. Of two retry keys for one token both tabs choose the same. */
export function newer(own, theirs) {
    if (isOlder(theirs, own))
        return own;
    if (isSession(theirs)) {
        return isSame(own, theirs) && keyOf(own) <= keyOf(theirs) ? own : theirs;
    }
    if (!theirs || !isSession(own))
        return theirs ?? own;
    return (theirs.ended ?? own.session_id) === own.session_id ? theirs : own;
}
/** A missing key comes after all others. */
const keyOf = ({ retry_key = "~" }) => retry_key;
/** Returns a reader for token responses. */
export const readTokens = (cookie) => (answer, sent) => {
    const { access_token, refresh_token, session_id, user, device_token, expires_in, refresh_after, refresh_expires_in } = answer ?? {};
    if (!access_token || !isWhole({ ...answer, at: 0, count: 0 }, cookie)) {
        throw new RatchetError("unexpected_answer", "The answer has not the right tokens.", { status: 200 });
    }
    const tokens = { session_id, user, access_token, refresh_token, at: sent.wall, expires_in, refresh_after };
    // The service counts from its answer and rounds down, and clocks differ a little in speed. A check whether the
    // session is over must not come before its end, which would renew it.
    const lasts = refresh_expires_in * 1.001 + 1 + sent.tookMs / 1000;
    return {
        user,
        sent,
        deviceToken: device_token,
        next: (before) => ({ ...tokens, refresh_expires_in: lasts, count: (before?.count ?? 0) + 1 }),
    };
};
