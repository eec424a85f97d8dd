/** The refresh, of which all tabs together do one at a time. */
import { codeOf, isWithoutToken, RatchetError, signedOut, throws } from "./errors.js";
import { isSession, readTokens } from "./session.js";
export class Refresher {
    #settings;
    #service;
    #shared;
    /** The refresh of this tab, and the access token that it is to replace. */
    #refreshing = null;
    #stop = new AbortController();
    constructor(settings, service, shared) {
        this.#settings = settings;
        this.#service = service;
        this.#shared = shared;
    }
    /** Abandons the request of a refresh, because its session is over. */
    stop() {
        this.#stop.abort();
    }
    mayBeSignedIn() {
        const { session, kept } = this.#shared;
        return session !== null || (this.#settings.cookie && kept === null);
    }
    /** Returns the session with another access token than this one. */
    refresh(stale) {
        if (!this.mayBeSignedIn())
            return Promise.reject(signedOut());
        const current = this.#refreshing;
        if (current) {
            // A refresh that was begun for an older token may return this very token.
            const isToNoAvail = (session) => current.stale !== stale && session.access_token === stale;
            return current.session.then((session) => (isToNoAvail(session) ? this.refresh(stale) : session));
        }
        this.#stop = new AbortController();
        const { signal } = this.#stop;
        const rotate = (waited) => this.#rotate(stale, waited, signal);
        const session = this.#shared.renewing(this.#settings.timeoutMs, rotate, true).finally(() => {
            this.#refreshing = null;
        });
        this.#refreshing = { stale, session };
        return session;
    }
    async #rotate(stale, waited, signal) {
        const { cookie } = this.#settings;
        let began = await this.#shared.sync();
        if (waited) {
            began = await this.#shared.news(stale);
            const failure = waited.failure();
            if (failure && isSession(began) && began.access_token === stale)
                throw failure;
        }
        for (let tries = 1;; tries++) {
            if (isSession(began) && began.access_token && began.access_token !== stale)
                return began;
            if (!this.mayBeSignedIn())
                throw signedOut();
            try {
                return await this.#exchange(began, signal);
            }
            catch (error) {
                if (signal.aborted)
                    return this.#shared.session ?? throws(signedOut());
                if (!this.#isRefusal(error)) {
                    if (error instanceof RatchetError)
                        this.#shared.siblings.tellFailure(error);
                    throw error;
                }
                const now = await this.#shared.news(stale);
                if (now === began && (!cookie || tries > 1))
                    await this.#shared.end("refused", (before) => before === began);
                began = this.#shared.kept;
            }
        }
    }
    async #exchange(began, signal) {
        const { cookie, sendAccessToken, retry } = this.#settings;
        const session = isSession(began) ? began : null;
        const access_token = (sendAccessToken && session?.access_token) || undefined;
        const body = { refresh_token: session?.refresh_token, access_token };
        const next = await this.#service.post("/refresh", body, (answer, sent) => readTokens(answer, sent, cookie), {
            tries: retry.tries,
            signal,
        });
        const kept = await this.#shared.commit((before) => {
            const isSame = before === began || (isSession(before) && before.session_id === session?.session_id);
            return isSame ? next.next(session) : before;
        }, next.sent);
        return isSession(kept) ? kept : throws(signedOut());
    }
    /** Whether the service has said that there is nothing to refresh. */
    #isRefusal(error) {
        return codeOf(error) === "invalid_grant" || (this.#settings.cookie && isWithoutToken(error));
    }
}
