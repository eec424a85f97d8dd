import { explained, ignore, RatchetError } from "./errors.js";
import { headerOf, refusesToken } from "./requests.js";
export class Authorizer {
    #shared;
    #refresher;
    /** A token that was refused though it was just refreshed: to refresh it again is of no use. */
    #hopeless = "";
    constructor(shared, refresher) {
        this.#shared = shared;
        this.#refresher = refresher;
    }
    /** Returns what to send a request with now. */
    async authorization() {
        const asked = this.#shared.session?.user ?? null;
        return this.#authorizationOf(sameUser(await this.usable(), asked), true);
    }
    /** Returns a session whose access token is worth trying. */
    async usable() {
        await this.#shared.ready;
        const { session } = this.#shared;
        const age = this.#shared.ageMs() / 1000;
        if (!session?.access_token || age >= session.expires_in)
            return this.#refresher.refresh(session?.access_token ?? "");
        // The token is still valid: the request need not wait, and the outcome of the refresh is told to requests that do.
        if (age >= session.refresh_after)
            this.#refresher.refresh(session.access_token).catch(ignore);
        return session;
    }
    #authorizationOf({ access_token: accessToken, user }, isFirst) {
        const renew = (answer) => explained(async () => {
            if (!(await refusesToken(answer)) || this.#isHopeless(accessToken, answer))
                return null;
            if (isFirst)
                return this.#authorizationOf(sameUser(await this.#refresher.refresh(accessToken), user), false);
            this.#hopeless = accessToken;
            return null;
        });
        return { accessToken, renew };
    }
    /** The service says that the token is not genuine, nor was the one before it: another one won't be either. */
    #isHopeless(token, answer) {
        return token === this.#hopeless && headerOf(answer, "is-token-expired") === "false";
    }
}
/** Returns the session, unless another user signed in while the request waited: it is not sent in their name. */
export function sameUser(session, user) {
    if (!user || session.user.id === user.id)
        return session;
    throw new RatchetError("user_changed", "Another user has signed in meanwhile.");
}
