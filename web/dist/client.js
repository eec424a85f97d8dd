import { Authorizer, sameUser } from "./authorization.js";
import { codeOf, explained, ignore, isWithoutToken, nullIfSignedOut, stepUp, throws, unreachable } from "./errors.js";
import { settingsOf } from "./options.js";
import { Refresher } from "./refresh.js";
import { refusalOf, repeatable } from "./requests.js";
import { CookieKey } from "./retry-key.js";
import { readAnswer, Service } from "./service.js";
import { isSession } from "./session.js";
import { SharedSession } from "./shared-session.js";
import { factorOf, SignIns } from "./sign-in.js";
import { abortable } from "./waiting.js";
export class RatchetClient {
    sessions;
    #settings;
    service;
    #shared;
    #refresher;
    #authorizer;
    signIns;
    /** The refresh tokens of sessions that have ended here but perhaps not on the server. An empty one is in the cookie. */
    #toEnd = new Set();
    constructor(options) {
        const settings = settingsOf(options);
        this.#settings = settings;
        this.service = new Service(settings);
        this.#shared = new SharedSession(settings, {
            ended: () => this.#refresher.stop(),
            failed: ({ retryAfter }) => this.service.pause(retryAfter),
        });
        const cookieKey = settings.cookie ? new CookieKey(settings) : null;
        this.#refresher = new Refresher(settings, this.service, this.#shared, cookieKey);
        this.#authorizer = new Authorizer(this.#shared, this.#refresher);
        this.signIns = new SignIns(settings, this.service, this.#shared, cookieKey);
        this.sessions = Object.freeze({
            list: () => this.json("GET", "/sessions"),
            end: (id) => explained(async () => {
                // Another text could be another path.
                if (!/^[\w-]+$/.test(id))
                    throw new Error("no such id");
                await this.json("DELETE", `/sessions/${id}`);
                await this.ended(id);
            }),
            endOthers: async () => void (await this.json("DELETE", "/sessions?except=current")),
            endAll: async () => {
                await this.#shared.ready;
                const id = this.#shared.session?.session_id;
                await this.json("DELETE", "/sessions");
                await this.ended(id);
            },
        });
    }
    get user() {
        return this.#shared.session?.user ?? null;
    }
    async resume() {
        await this.#shared.sync();
        if (!this.#refresher.mayBeSignedIn())
            return null;
        return this.user ?? this.#refresher.refresh("").then(({ user }) => user, nullIfSignedOut);
    }
    register(account) {
        return explained(() => {
            const { email, password, name } = account;
            return this.signIns.signIn("/register", { email, password, name });
        });
    }
    login(credentials) {
        return explained(async () => {
            const { email, password } = credentials;
            const device_token = await this.signIns.deviceToken(email);
            return this.signIns.signIn("/login", { email, password, ...factorOf(credentials), device_token });
        });
    }
    async logout() {
        const { cookie, retry } = this.#settings;
        await this.#shared.commit((before) => {
            if (!isSession(before))
                return before ?? (cookie ? { ended: null, reason: "logout" } : null);
            // A cookie may have expired.
            if (before.refresh_token || this.status()?.refreshTokenExpiresIn)
                this.#toEnd.add(before.refresh_token ?? "");
            return { ended: before.session_id, reason: "logout" };
        });
        for (const token of cookie ? [""] : [...this.#toEnd]) {
            const body = { refresh_token: token || undefined };
            await this.service.post("/logout", body, ignore, { tries: retry.tries, keepalive: true }).catch((error) => {
                // If there was a session, a missing token means that it was not ended.
                if (!isWithoutToken(error) || this.#toEnd.has(token))
                    throw error;
            });
            this.#toEnd.delete(token);
        }
    }
    changePassword(passwords) {
        return explained(() => {
            const { currentPassword, newPassword } = passwords;
            const fields = { current_password: currentPassword, new_password: newPassword, ...factorOf(passwords) };
            return this.replace("/password", fields);
        });
    }
    /** Sends a request that ends all of the user's sessions, and continues with the one in the answer. */
    async replace(path, fields, how) {
        await this.#shared.ready;
        const asked = this.user;
        let session = sameUser(await this.#authorizer.usable(), asked);
        // The change ends the session: a concurrent refresh would be refused, or bring the old session's cookie after the new one's.
        const change = () => this.#shared.renewing(this.#settings.timeoutMs, () => this.signIns.replace(path, fields, session, how));
        try {
            return await change();
        }
        catch (error) {
            if (codeOf(error) !== "invalid_token")
                throw error;
            session = sameUser(await this.#refresher.refresh(session.access_token), session.user);
            return change();
        }
    }
    fetch(input, init = {}) {
        const signal = init?.signal ?? input?.signal;
        return explained(() => this.#fetch(input, init, signal), signal);
    }
    async #fetch(input, init, signal) {
        const { fetch, origins } = this.#settings;
        const resolve = (address) => this.service.resolve(address);
        const send = await repeatable(input, init, { fetch, origins, resolve, signal });
        let authorization = await abortable(this.#authorizer.authorization(), signal);
        for (;;) {
            const response = await send(authorization.accessToken);
            const next = await abortable(authorization.renew(response), signal);
            if (!next)
                return (await refusalOf(response)) === stepUp().code ? throws(stepUp()) : response;
            response.body?.cancel().catch(ignore);
            authorization = next;
        }
    }
    async authorize(url) {
        if (!this.#settings.origins.has(originOf(url)))
            return null;
        const first = await this.#authorizer.authorization().catch(nullIfSignedOut);
        return first && { ...first, renew: (answer) => first.renew(answer).catch(nullIfSignedOut) };
    }
    async refresh() {
        await this.#shared.ready;
        return (await this.#refresher.refresh(this.#shared.session?.access_token ?? "")).user;
    }
    async clearAccessToken() {
        await this.#shared.commit((before) => (isSession(before) ? { ...before, access_token: "" } : before));
    }
    status() {
        const { session } = this.#shared;
        if (!session)
            return null;
        const left = (seconds) => Math.max(0, seconds - this.#shared.ageMs() / 1000);
        return {
            user: session.user,
            sessionId: session.session_id,
            accessTokenExpiresIn: session.access_token ? left(session.expires_in) : 0,
            refreshAfter: session.access_token ? left(session.refresh_after) : 0,
            refreshTokenExpiresIn: left(session.refresh_expires_in),
            refreshedAt: new Date(session.at),
        };
    }
    on(event, listener) {
        return this.#shared.listeners.on(event, listener);
    }
    close() {
        this.#shared.siblings.close();
    }
    /** After sessions were ended on the server: ends this one here too, if it was among them. */
    async ended(id) {
        if (!id || this.#shared.session?.session_id !== id)
            return;
        await this.#shared.end("ended", (before) => isSession(before) && before.session_id === id);
        // Nothing else removes the cookie. If it stays, a new page requests a refresh in vain, which does no harm.
        if (this.#settings.cookie)
            await this.service.end(undefined);
    }
    /** Calls a protected route of Ratchet itself. */
    async json(method, path, init) {
        const response = await this.fetch(path, { method, cache: "no-store", credentials: this.service.credentials, ...init });
        const text = response.text().catch((error) => throws(unreachable(error)));
        return readAnswer(response, await text);
    }
}
/** Returns the origin to which the browser would send a request for this address. */
function originOf(address) {
    try {
        return new URL(address, globalThis.document?.baseURI ?? globalThis.location?.href).origin;
    }
    catch {
        return "";
    }
}
