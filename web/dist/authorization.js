import { explained, ignore, RatchetError } from "./errors.js";
import { headerOf, refusesToken } from "./requests.js";
export class Authorizer {
    #shared;
    #refresher;
    /** A token that was refused right after its refresh: refreshing again is useless. */
    #hopeless = "";
    constructor(shared, refresher) {
        this.#shared = shared;
        this.#refresher = refresher;
    }
    /** Returns the credentials for a request now. */
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
        // The token is still valid, so the request need not wait. Requests that wait learn the outcome of the refresh.
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
    /** The service refuses this token and the previous one as not genuine: another one will be refused too. */
    #isHopeless(token, answer) {
        return token === this.#hopeless && headerOf(answer, "is-token-expired") === "false";
    }
}
/** Returns the session, unless another user signed in while the request waited: it must not be sent in their name. */
export function sameUser(session, user) {
    if (!user || session.user.id === user.id)
        return session;
    throw new RatchetError("user_changed", "Another user has signed in meanwhile.");
}
