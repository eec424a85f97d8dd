/** The refresh, which all tabs together do one at a time. */
import { codeOf, isSpentKey, isWithoutToken, RatchetError, signedOut, throws } from "./errors.js";
import type { Settings } from "./options.js";
import type { CookieKey } from "./retry-key.js";
import type { Service } from "./service.js";
import { isSame, isSession, type Kept, readTokens, type Session } from "./session.js";
import type { SharedSession } from "./shared-session.js";
import type { Waited } from "./siblings.js";

/** A failed refresh: of which session, with which key, to replace which access token, and the number of failures. */
interface Failed {
  began: Kept;
  key: string | undefined;
  stale: string;
  tries: number;
}

export class Refresher {
  readonly #settings: Settings;
  readonly #service: Service;
  readonly #shared: SharedSession;
  readonly #cookieKey: CookieKey | null;
  /** The refresh of this tab, and the access token that it replaces. */
  #refreshing: { stale: string; session: Promise<Session> } | null = null;
  #stop = new AbortController();

  constructor(settings: Settings, service: Service, shared: SharedSession, cookieKey: CookieKey | null) {
    this.#settings = settings;
    this.#service = service;
    this.#shared = shared;
    this.#cookieKey = cookieKey;
  }

  /** Abandons the request of a refresh, because its session is over. */
  stop() {
    this.#stop.abort();
  }

  mayBeSignedIn(): boolean {
    const { session, kept } = this.#shared;
    return session !== null || (this.#settings.cookie && kept === null);
  }

  /** Returns the session with another access token than this one. */
  refresh(stale: string): Promise<Session> {
    if (!this.mayBeSignedIn()) return Promise.reject(signedOut());
    const current = this.#refreshing;
    if (current) {
      // A refresh that began for an older token may return this very token.
      const isToNoAvail = (session: Session) => current.stale !== stale && session.access_token === stale;
      return current.session.then((session) => (isToNoAvail(session) ? this.refresh(stale) : session));
    }
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const rotate = (waited: Waited) => this.#rotate(stale, waited, signal);
    const session = this.#shared.renewing(this.#settings.timeoutMs, rotate, true).finally(() => {
      this.#refreshing = null;
    });
    this.#refreshing = { stale, session };
    return session;
  }

  async #rotate(stale: string, waited: Waited, signal: AbortSignal): Promise<Session> {
    let began = await this.#shared.sync();
    if (waited || this.#shared.mayBeCopy) {
      began = await this.#shared.news(stale);
      const failure = waited?.failure();
      if (failure && isSession(began) && began.access_token === stale) throw failure;
    }
    const isDone = () => isSession(began) && began.access_token && began.access_token !== stale;
    for (let tries = 1; ; tries++) {
      // The key is stored before the request is sent, and the request contains what the store holds then.
      if (!isDone() && !this.#cookieKey) began = await this.#shared.withKey();
      if (isDone()) return began as Session;
      if (!this.mayBeSignedIn()) throw signedOut();
      const key = this.#cookieKey ? await this.#shared.writing(this.#cookieKey.get) : (began as Session).retry_key;
      try {
        return await this.#exchange(began, key, signal);
      } catch (error) {
        if (signal.aborted) return this.#shared.session ?? throws(signedOut());
        began = await this.#afterFailure(error, { began, key, stale, tries });
      }
    }
  }

  /** Returns what to refresh next, or throws the error. */
  async #afterFailure(error: unknown, { began, key, stale, tries }: Failed): Promise<Kept> {
    const isInvalid = codeOf(error) === "invalid_grant";
    if (key && tries < 3 && isSpentKey(error)) {
      await this.#spend(key);
    } else if (isInvalid || (this.#cookieKey && isWithoutToken(error))) {
      const now = await this.#shared.news(stale);
      // Another tab may have brought a new cookie.
      if (now === began && (!this.#cookieKey || tries > 1)) await this.#end(began, isInvalid);
    } else {
      if (error instanceof RatchetError) this.#shared.siblings.tellFailure(error);
      throw error;
    }
    return this.#shared.kept;
  }

  /** Discards a session that the service refuses to refresh. It is ended on the server first: a thief may be ahead
   * with it. */
  async #end(refused: Kept, isKnown: boolean) {
    let told;
    await this.#shared.end("refused", (before) => {
      const isNewest = before === refused;
      if (isNewest && isKnown) told = this.#service.end(isSession(refused) ? refused.refresh_token : undefined);
      return isNewest;
    });
    // The answer clears the cookie: no sign-in may set another one before that.
    if (this.#cookieKey) await told;
  }

  /** Lets the next refresh use another key: this one was used for the refresh that brought the current token. */
  async #spend(key: string) {
    if (this.#cookieKey) return this.#cookieKey.spend(key);
    await this.#shared.commit((before) => {
      return isSession(before) && before.retry_key === key ? { ...before, retry_key: undefined } : before;
    });
  }

  async #exchange(began: Kept, retry_key: string | undefined, signal: AbortSignal): Promise<Session> {
    const { cookie, sendAccessToken, retry } = this.#settings;
    const session = isSession(began) ? began : null;
    const access_token = (sendAccessToken && session?.access_token) || undefined;
    const body = { refresh_token: session?.refresh_token, retry_key, access_token };
    const { tries } = retry;
    const next = await this.#service.post("/refresh", body, readTokens(cookie), { tries, signal });
    this.#cookieKey?.spend(retry_key);
    // An answer that a frozen tab has waited for must not replace a newer token.
    const replace = (before: Kept) => (before === began || isSame(before, began) ? next.next(session) : before);
    const kept = await this.#shared.commit(replace, next);
    return isSession(kept) ? kept : throws(signedOut());
  }
}
