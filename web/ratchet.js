// @ts-check
/**
 * Ratchet's browser client. One module, no dependencies, no build step; `ratchet.d.ts` documents its interface.
 *
 * What always holds:
 * - Only the service ends a session, by `invalid_grant` to the newest token there is. A lost answer, a 5xx or a 429 never does.
 * - The device's clock is compared with nothing but itself. Time only says when a refresh is worth it; a 401 says when it is due.
 * - One refresh at a time in all tabs. Two at once would do no harm: the service gives both the same next token.
 * - What is stored changes by compare-and-set under a lock, so an answer that comes after a sign-out changes nothing.
 *
 * In reading order: the client, the session that tabs share, the service, requests that can be repeated, the platform.
 *
 * @typedef {import("./ratchet.d.ts").Answer} Answer
 * @typedef {import("./ratchet.d.ts").Authorization} Authorization
 * @typedef {import("./ratchet.d.ts").Client} Client
 * @typedef {import("./ratchet.d.ts").ClientOptions} ClientOptions
 * @typedef {import("./ratchet.d.ts").ErrorCode} ErrorCode
 * @typedef {import("./ratchet.d.ts").Events} Events
 * @typedef {import("./ratchet.d.ts").Locks} Locks
 * @typedef {import("./ratchet.d.ts").Platform} Platform
 * @typedef {import("./ratchet.d.ts").RetryOptions} RetryOptions
 * @typedef {import("./ratchet.d.ts").SessionList} SessionList
 * @typedef {import("./ratchet.d.ts").SignedOutReason} SignedOutReason
 * @typedef {import("./ratchet.d.ts").TokenStorage} TokenStorage
 * @typedef {import("./ratchet.d.ts").User} User
 */

/**
 * A session as it is kept. `refresh_token` is missing with the cookie transport; `access_token` is empty when cleared.
 * `at` is the device's time when the tokens were asked for, and `count` how often this browser has refreshed them.
 * @typedef {{
 *   session_id: string, user: User, access_token: string, refresh_token?: string, at: number, count: number,
 *   expires_in: number, refresh_after: number, refresh_expires_in: number,
 * }} Session
 *
 * The mark that a session leaves: nobody may bring it back. `ended` is null where its id was not known.
 * @typedef {{ ended: string | null, reason: SignedOutReason }} Mark
 *
 * `null` is nothing stored: signed out, or with the cookie transport not known yet.
 * @typedef {Session | Mark | null} Kept
 *
 * When a request was sent, by the clock that never jumps and by the device's.
 * @typedef {{ monotonic: number, wall: number }} Instant
 *
 * Whether another tab was busy before, and how it failed, if it has said so.
 * @typedef {{ failure: () => RatchetError | null } | null} Waited
 *
 * What tabs tell each other: a session that is only in memory, that the store has changed, or that a refresh came to nothing.
 * @typedef {{ kept?: Kept, failed?: { code: ErrorCode, message: string, status?: number, retryAfter?: number } }} Message
 */

/** How long the news of a tab may take to reach another after its lock did. */
const NEWS_MS = 250;
/** How long to wait for a tab that writes to the store. */
const WRITE_MS = 1_000;
/** How many accounts' device tokens are remembered. */
const DEVICES = 5;

/** @type {RetryOptions} */
const RETRY = { tries: 4, firstPauseMs: 300, longestPauseMs: 8_000, budgetMs: 20_000 };

export class RatchetError extends Error {
  /**
   * @param {ErrorCode} code
   * @param {string} message
   * @param {{ status?: number, retryAfter?: number, cause?: unknown }} [more]
   */
  constructor(code, message, { status, retryAfter, cause } = {}) {
    super(message, { cause });
    this.name = /** @type {const} */ ("RatchetError");
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** @type {typeof import("./ratchet.d.ts").createClient} */
export const createClient = (options) => new RatchetClient(options);

// ---- The client ------------------------------------------------------------------------------------------------------

/** @implements {Client} */
class RatchetClient {
  #platform;
  #service;
  #keeper;
  #devices;
  #origins;
  #retry;
  #cookie;
  #sendAccessToken;
  /** The refresh of this tab, and the token that it is to replace. @type {{ stale: string, session: Promise<Session> } | null} */
  #refreshing = null;
  /** Stops its request when the session ends meanwhile. */
  #stop = new AbortController();
  /** Refresh tokens of sessions that are over here and may not be on the server. @type {Set<string>} */
  #toEnd = new Set();
  /** A token that was refused though it was just refreshed: refreshing it again is of no use. */
  #hopeless = "";

  /** @param {ClientOptions} options */
  constructor(options) {
    const { transport = "body", storage = "memory", origins = [] } = options;
    if (transport !== "body" && transport !== "cookie") throw misconfigured("transport must be body or cookie");
    const base = safeOrigin("baseUrl", options.baseUrl);
    const key = options.key ?? `ratchet:${base.href}`;
    this.#cookie = transport === "cookie";
    this.#sendAccessToken = options.sendAccessToken === true;
    this.#retry = { ...RETRY, ...options.retry };
    this.#platform = platformOf(options.platform);
    this.#origins = new Set([base, ...origins.map((origin) => safeOrigin("origins", origin))].map(({ origin }) => origin));
    this.#service = new Service(base, this.#cookie, this.#retry, this.#platform, options);
    const devices = options.deviceStorage ?? (this.#cookie ? "local" : storage);
    this.#devices = new Devices(new Store(devices, this.#platform), `${key}:devices`);
    this.#keeper = new Keeper(new Store(storage, this.#platform), key, this.#platform, {
      hasSiblings: this.#cookie || storage !== "memory",
      ended: () => this.#stop.abort(),
      failed: (failure) => this.#service.pause(failure.retryAfter),
    });
    this.sessions = Object.freeze({
      list: async () => /** @type {SessionList} */ (await this.#json("GET", "/sessions")),
      end: async (/** @type {string} */ id) => {
        await this.#json("DELETE", `/sessions/${encodeURIComponent(id)}`);
        await this.#ended(id);
      },
      endOthers: async () => void (await this.#json("DELETE", "/sessions?except=current")),
      endAll: async () => {
        await this.#keeper.ready;
        const id = this.#keeper.session?.session_id;
        await this.#json("DELETE", "/sessions");
        await this.#ended(id);
      },
    });
  }

  get user() {
    return this.#keeper.session?.user ?? null;
  }

  async resume() {
    await this.#keeper.sync();
    if (!this.#mayBeSignedIn()) return null;
    return this.user ?? this.#refresh("").then(({ user }) => user, nullIfSignedOut);
  }

  /** @type {Client["register"]} */
  register({ email, password, name }) {
    return this.#signIn("/register", { email, password, name });
  }

  /** @type {Client["login"]} */
  async login({ email, password }) {
    return this.#signIn("/login", { email, password, device_token: await this.#devices.get(email) });
  }

  async logout() {
    await this.#keeper.commit((before) => {
      if (!isSession(before)) return before ?? (this.#cookie ? { ended: null, reason: "logout" } : null);
      if (before.refresh_token) this.#toEnd.add(before.refresh_token);
      return { ended: before.session_id, reason: "logout" };
    });
    const bodies = this.#cookie ? [{}] : [...this.#toEnd].map((refresh_token) => ({ refresh_token }));
    for (const body of bodies) {
      await this.#service.post("/logout", body, ignore, { tries: this.#retry.tries, keepalive: true }).catch((error) => {
        if (!isWithoutToken(error)) throw error;
      });
      if ("refresh_token" in body) this.#toEnd.delete(body.refresh_token);
    }
  }

  /** @type {Client["changePassword"]} */
  async changePassword({ currentPassword, newPassword }) {
    await this.#keeper.ready;
    const email = this.user?.email;
    const body = {
      current_password: currentPassword,
      new_password: newPassword,
      device_token: email && (await this.#devices.get(email)),
      ...this.#asksForCookie(),
    };
    const sent = this.#instant();
    const session = this.#sessionFrom(await this.#json("POST", "/password", body), sent);
    await this.#devices.set(session.user.email, session.deviceToken);
    await this.#keeper.commit(
      (before) => (isSession(before) && before.user.id === session.user.id ? session.next(before) : before),
      sent,
    );
    return session.user;
  }

  /** @type {Client["fetch"]} */
  async fetch(input, init = {}) {
    const send = await repeatable(input, init, this.#service, this.#origins);
    const signal = init.signal ?? (isRequest(input) ? input.signal : undefined);
    let authorization = await abortable(this.#authorization(), signal);
    for (;;) {
      const response = await send(authorization.accessToken);
      const next = await abortable(authorization.renew(response), signal);
      if (!next) return response;
      response.body?.cancel().catch(ignore);
      authorization = next;
    }
  }

  /** @type {Client["authorize"]} */
  async authorize(url) {
    if (!this.#origins.has(originOf(url))) return null;
    const orNull = (/** @type {Promise<Authorization | null>} */ promise) => promise.catch(nullIfSignedOut);
    const first = await orNull(this.#authorization());
    return first && { ...first, renew: (answer) => orNull(first.renew(answer)) };
  }

  async refresh() {
    await this.#keeper.ready;
    return (await this.#refresh(this.#keeper.session?.access_token ?? "")).user;
  }

  async clearAccessToken() {
    await this.#keeper.commit((before) => (isSession(before) ? { ...before, access_token: "" } : before));
  }

  /** @type {Client["status"]} */
  status() {
    const session = this.#keeper.session;
    if (!session) return null;
    const left = (/** @type {number} */ seconds) => Math.max(0, seconds - this.#keeper.ageMs() / 1000);
    return {
      user: session.user,
      sessionId: session.session_id,
      accessTokenExpiresIn: session.access_token ? left(session.expires_in) : 0,
      refreshAfter: session.access_token ? left(session.refresh_after) : 0,
      refreshTokenExpiresIn: left(session.refresh_expires_in),
      refreshedAt: new Date(session.at),
    };
  }

  /** @type {Client["on"]} */
  on(event, listener) {
    return this.#keeper.on(event, listener);
  }

  close() {
    this.#keeper.close();
  }

  /**
   * @param {string} path
   * @param {Record<string, unknown>} fields
   * @returns {Promise<User>}
   */
  async #signIn(path, fields) {
    await this.#keeper.ready;
    const begin = async () => {
      const body = { ...fields, ...this.#asksForCookie() };
      const read = (/** @type {any} */ answer, /** @type {Instant} */ sent) => this.#sessionFrom(answer, sent);
      const session = await this.#service.post(path, body, read);
      await this.#devices.set(session.user.email, session.deviceToken);
      /** @type {Kept} */
      let old = null;
      await this.#keeper.commit((before) => {
        old = before;
        return session.next(null);
      }, session.sent);
      this.#abandon(old);
      return session.user;
    };
    // A refresh that is answered after the sign-in would put the old session's cookie in place of the new one's.
    return this.#cookie ? this.#keeper.exclusively("refresh", this.#service.timeoutMs, begin) : begin();
  }

  /** Ends a session whose place was taken. Nobody waits for it. @param {Kept} old */
  #abandon(old) {
    if (!isSession(old) || !old.refresh_token) return;
    this.#service.post("/logout", { refresh_token: old.refresh_token }, ignore, { keepalive: true }).catch(ignore);
  }

  /** A session whose access token is worth trying. @returns {Promise<Session>} */
  async #usable() {
    await this.#keeper.ready;
    const session = this.#keeper.session;
    const age = this.#keeper.ageMs() / 1000;
    if (!session?.access_token || age >= session.expires_in) return this.#refresh(session?.access_token ?? "");
    // It is still good: the request need not wait, and what becomes of the refresh is told to those that do.
    if (age >= session.refresh_after) this.#refresh(session.access_token).catch(ignore);
    return session;
  }

  /** What to send a request with now. @returns {Promise<Authorization>} */
  async #authorization() {
    const asked = this.user;
    return this.#authorizationOf(sameUser(await this.#usable(), asked), true);
  }

  /**
   * @param {Session} session
   * @param {boolean} isFirst
   * @returns {Authorization}
   */
  #authorizationOf({ access_token: accessToken, user }, isFirst) {
    /** @type {Authorization["renew"]} */
    const renew = async (answer) => {
      if (!(await refusesToken(answer)) || this.#isHopeless(accessToken, answer)) return null;
      if (isFirst) return this.#authorizationOf(sameUser(await this.#refresh(accessToken), user), false);
      this.#hopeless = accessToken;
      return null;
    };
    return { accessToken, renew };
  }

  /**
   * The session with another access token than this one.
   * @param {string} stale
   * @returns {Promise<Session>}
   */
  #refresh(stale) {
    if (!this.#mayBeSignedIn()) return Promise.reject(signedOut());
    const current = this.#refreshing;
    if (current) {
      // One that was begun for an older token may come to no more than this one.
      const isToNoAvail = (/** @type {Session} */ session) => current.stale !== stale && session.access_token === stale;
      return current.session.then((session) => (isToNoAvail(session) ? this.#refresh(stale) : session));
    }
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const rotate = (/** @type {Waited} */ waited) => this.#rotate(stale, waited, signal);
    const refreshing = this.#keeper.exclusively("refresh", this.#service.timeoutMs, rotate, true);
    const session = refreshing.finally(() => {
      this.#refreshing = null;
    });
    this.#refreshing = { stale, session };
    return session;
  }

  /**
   * @param {string} stale
   * @param {Waited} waited
   * @param {AbortSignal} signal
   * @returns {Promise<Session>}
   */
  async #rotate(stale, waited, signal) {
    let began = await this.#keeper.sync();
    if (waited) {
      began = await this.#keeper.news(stale);
      const failure = waited.failure();
      if (failure && isSession(began) && began.access_token === stale) throw failure;
    }
    for (let tries = 1; ; tries++) {
      if (isSession(began) && began.access_token && began.access_token !== stale) return began;
      if (!this.#mayBeSignedIn()) throw signedOut();
      try {
        return await this.#exchange(began, signal);
      } catch (error) {
        if (signal.aborted) return this.#keeper.session ?? throws(signedOut());
        if (!this.#isRefusal(error)) {
          if (error instanceof RatchetError) this.#keeper.tellFailure(error);
          throw error;
        }
        const now = await this.#keeper.news(stale);
        if (now === began && (!this.#cookie || tries > 1)) await this.#end("refused", (before) => before === began);
        began = this.#keeper.kept;
      }
    }
  }

  /**
   * @param {Kept} began
   * @param {AbortSignal} signal
   * @returns {Promise<Session>}
   */
  async #exchange(began, signal) {
    const session = isSession(began) ? began : null;
    const access_token = (this.#sendAccessToken && session?.access_token) || undefined;
    const body = { refresh_token: session?.refresh_token, access_token };
    const read = (/** @type {any} */ answer, /** @type {Instant} */ sent) => this.#sessionFrom(answer, sent);
    const next = await this.#service.post("/refresh", body, read, { tries: this.#retry.tries, signal });
    const kept = await this.#keeper.commit((before) => {
      const isSame = before === began || (isSession(before) && before.session_id === session?.session_id);
      return isSame ? next.next(session) : before;
    }, next.sent);
    return isSession(kept) ? kept : throws(signedOut());
  }

  /** Whether the service has said that there is nothing to refresh. @param {unknown} error */
  #isRefusal(error) {
    return codeOf(error) === "invalid_grant" || (this.#cookie && isWithoutToken(error));
  }

  #mayBeSignedIn() {
    return this.#keeper.session !== null || (this.#cookie && this.#keeper.kept === null);
  }

  /**
   * @param {SignedOutReason} reason
   * @param {(before: Kept) => boolean} isOver
   */
  async #end(reason, isOver) {
    await this.#keeper.commit((before) => {
      return isOver(before) ? { ended: isSession(before) ? before.session_id : null, reason } : before;
    });
  }

  /**
   * After sessions were ended on the server: was it this one, too?
   * @param {string | undefined} id
   */
  async #ended(id) {
    if (!id || this.#keeper.session?.session_id !== id) return;
    await this.#end("ended", (before) => isSession(before) && before.session_id === id);
    // Nothing else takes the cookie away. Without it a new page would ask to refresh in vain, which is all.
    if (this.#cookie) await this.#service.post("/logout", {}, ignore).catch(ignore);
  }

  /**
   * The service says that the token is not genuine, nor was the one before it: another one won't be.
   * @param {string} token
   * @param {Answer} answer
   */
  #isHopeless(token, { headers }) {
    return token === this.#hopeless && headers.get("is-token-expired") === "false";
  }

  /**
   * A protected route of Ratchet itself.
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<unknown>}
   */
  async #json(method, path, body) {
    const response = await this.fetch(path, {
      method,
      cache: "no-store",
      credentials: this.#service.credentials,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    return readAnswer(response, await response.text());
  }

  #asksForCookie() {
    return this.#cookie ? { refresh_transport: "cookie" } : {};
  }

  #instant() {
    return { monotonic: this.#platform.monotonic(), wall: this.#platform.wall() };
  }

  /**
   * Reads a token response.
   * @param {any} answer
   * @param {Instant} sent
   */
  #sessionFrom(answer, sent) {
    const { access_token, refresh_token, session_id, user, device_token } = answer ?? {};
    const { expires_in, refresh_after, refresh_expires_in } = answer ?? {};
    const texts = [access_token, session_id, user?.id, ...(this.#cookie ? [] : [refresh_token])];
    const numbers = [expires_in, refresh_after, refresh_expires_in];
    if (!texts.every((text) => typeof text === "string" && text) || !numbers.every(Number.isFinite)) {
      throw new RatchetError("unexpected_answer", "The answer has no tokens.", { status: 200 });
    }
    if (this.#cookie && refresh_token !== undefined) {
      throw new RatchetError("unexpected_answer", "The refresh token is not in its cookie.", { status: 200 });
    }
    const tokens = { session_id, user, access_token, refresh_token, at: sent.wall, expires_in, refresh_after, refresh_expires_in };
    return {
      user: /** @type {User} */ (user),
      sent,
      deviceToken: typeof device_token === "string" ? device_token : undefined,
      next: (/** @type {Session | null} */ before) => ({ ...tokens, count: (before?.count ?? 0) + 1 }),
    };
  }
}

// ---- The session that tabs share -------------------------------------------------------------------------------------

/** Holds what is known of the session, in step with the store and the other tabs, and says what has changed. */
class Keeper {
  /** @type {Kept} */
  kept = null;
  /** When the access token was asked for, by the clock that never jumps. */
  #since = 0;
  /** What the store held last, so that the same text is the same object. @type {string | null} */
  #text = null;
  #store;
  #key;
  #lock;
  #platform;
  #options;
  #channel;
  /** @type {{ [K in keyof Events]: Set<(detail: Events[K]) => void> }} */
  #listeners = { signedin: new Set(), refreshed: new Set(), signedout: new Set() };
  /** Ends when what was begun before has been done. @type {Promise<unknown>} */
  #turn = Promise.resolve();
  /** Called when something has changed, here or in another tab. @type {Set<() => void>} */
  #waiting = new Set();
  /** Called when another tab's refresh came to nothing. @type {Set<(error: RatchetError) => void>} */
  #failing = new Set();
  /** @type {(event: any) => void} */
  #hear = (event) => {
    if (event.type !== "storage" || event.key === null || event.key === this.#key) this.sync().catch(ignore);
  };

  /**
   * @param {Store} store
   * @param {string} key
   * @param {Platform} platform
   * @param {{ hasSiblings: boolean, ended: () => void, failed: (error: RatchetError) => void }} options
   */
  constructor(store, key, platform, options) {
    this.#store = store;
    this.#key = key;
    this.#lock = options.hasSiblings ? key : `${key}:${platform.random()}`;
    this.#platform = platform;
    this.#options = options;
    this.#channel = options.hasSiblings ? platform.channel(key) : null;
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.#hearSibling(data);
    if (options.hasSiblings) for (const type of NEWS) platform.events?.addEventListener(type, this.#hear);
    this.ready = this.sync();
  }

  /** @returns {Session | null} */
  get session() {
    return isSession(this.kept) ? this.kept : null;
  }

  /** How old the access token is at least. A sleeping device may stop one clock, and a person may turn back the other. */
  ageMs() {
    const { session } = this;
    return session ? Math.max(this.#platform.monotonic() - this.#since, this.#platform.wall() - session.at) : 0;
  }

  /** Reads the store, and needs no other tab for it: one that is frozen may hold the lock. @returns {Promise<Kept>} */
  sync() {
    return this.#inTurn(async () => {
      const kept = this.#parse(await this.#store.get(this.#key));
      this.#adopt(kept, undefined, true);
      return kept;
    });
  }

  /**
   * Replaces what is stored by what `change` makes of it, and adopts that. No other tab writes in between.
   * @param {(before: Kept) => Kept} change
   * @param {Instant} [sent] when the new tokens were asked for
   * @param {boolean} [elsewhere] whether it comes from another tab
   * @returns {Promise<Kept>}
   */
  commit(change, sent, elsewhere = false) {
    const write = async () => {
      const before = this.#parse(await this.#store.get(this.#key));
      const after = change(before);
      if (after !== before) {
        this.#text = JSON.stringify(after);
        await this.#store.set(this.#key, this.#text);
        if (!elsewhere) this.#tell(this.#store.isMemory ? { kept: after } : {});
      }
      this.#adopt(after, after !== before ? sent : undefined, elsewhere || after === before);
      return after;
    };
    return this.#inTurn(() => this.exclusively("write", WRITE_MS, write));
  }

  /**
   * One after the other in this tab, since a store may take its time.
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  #inTurn(work) {
    const done = this.#turn.then(work);
    this.#turn = done.catch(ignore);
    return done;
  }

  /**
   * Does `work` while no other tab does. After so long it is done all the same: a tab may be frozen with the lock.
   * @template T
   * @param {"write" | "refresh"} name
   * @param {number} patienceMs
   * @param {(waited: Waited) => Promise<T>} work
   * @param {boolean} [sharesFate] whether it needn't be done if the tab that is waited for fails
   * @returns {Promise<T>}
   */
  async exclusively(name, patienceMs, work, sharesFate = false) {
    const lock = `${this.#lock}:${name}`;
    const locks = /** @type {Locks} */ (this.#platform.locks);
    const patience = new AbortController();
    /** @type {unknown} */
    let timer;
    /** @type {Promise<T> | null} */
    let working = null;
    /** @type {RatchetError | null} */
    let failure = null;
    const fail = (/** @type {RatchetError} */ error) => {
      failure = error;
      patience.abort();
    };
    const waited = { failure: () => failure };
    if (sharesFate) this.#failing.add(fail);
    try {
      await locks.request(lock, { ifAvailable: true }, async (held) => held && (working = work(null)));
      if (!working) {
        timer = this.#platform.setTimeout(() => patience.abort(), patienceMs);
        await locks.request(lock, { signal: patience.signal }, () => (working = work(waited)));
      }
      return await /** @type {Promise<T>} */ (/** @type {unknown} */ (working));
    } catch (error) {
      if (working) throw error;
      if (failure) throw failure;
      // Out of patience, or a page that may not use locks.
      return await work(waited);
    } finally {
      this.#platform.clearTimeout(timer);
      this.#failing.delete(fail);
    }
  }

  /**
   * What is stored, once it has another access token than this one, or after as long as news may take.
   * @param {string} stale
   * @returns {Promise<Kept>}
   */
  async news(stale) {
    const isNew = () => (this.session ? (this.session.access_token || stale) !== stale : this.kept !== null);
    await this.sync();
    if (!isNew() && this.#options.hasSiblings) {
      await new Promise((resolve) => {
        const timer = this.#platform.setTimeout(() => done(), NEWS_MS);
        const check = () => isNew() && done();
        const done = () => {
          this.#waiting.delete(check);
          this.#platform.clearTimeout(timer);
          resolve(undefined);
        };
        this.#waiting.add(check);
      });
      await this.sync();
    }
    return this.kept;
  }

  /** Tells the tabs that wait for this one's refresh. @param {RatchetError} error */
  tellFailure({ code, message, status, retryAfter }) {
    this.#tell({ failed: { code, message, status, retryAfter } });
  }

  /**
   * @template {keyof Events} K
   * @param {K} event
   * @param {(detail: Events[K]) => void} listener
   */
  on(event, listener) {
    this.#listeners[event].add(listener);
    return () => void this.#listeners[event].delete(listener);
  }

  close() {
    for (const type of NEWS) this.#platform.events?.removeEventListener(type, this.#hear);
    this.#channel?.close();
    this.#channel = null;
  }

  /** @param {Message} message */
  #hearSibling(message) {
    if (message?.failed) {
      const { code, message: text, ...more } = message.failed;
      const error = new RatchetError(code, text, more);
      this.#options.failed(error);
      this.#failing.forEach((fail) => fail(error));
    } else if (message && "kept" in message) {
      this.commit((before) => newer(before, message.kept ?? null), undefined, true).catch(ignore);
    } else {
      this.sync().catch(ignore);
    }
  }

  /** @param {Message} message */
  #tell(message) {
    try {
      this.#channel?.postMessage(message);
    } catch {
      // A page that is going away has no more to say.
    }
  }

  /**
   * @param {string | null} text
   * @returns {Kept}
   */
  #parse(text) {
    if (text === this.#text || text === MOVED) return this.kept;
    this.#text = text;
    try {
      const kept = JSON.parse(text ?? "null");
      return isSession(kept) || (kept && "ended" in kept) ? kept : null;
    } catch {
      return null;
    }
  }

  /**
   * @param {Kept} after
   * @param {Instant | undefined} sent
   * @param {boolean} elsewhere
   */
  #adopt(after, sent, elsewhere) {
    const before = this.session;
    this.kept = after;
    const now = this.session;
    const isNew = now?.access_token !== before?.access_token;
    if (now && isNew) {
      const { monotonic, wall } = this.#platform;
      this.#since = sent?.monotonic ?? monotonic() - Math.max(0, wall() - now.at);
    }
    if (before?.session_id === now?.session_id) {
      if (now?.access_token && isNew) this.#emit("refreshed", { user: now.user, elsewhere });
    } else {
      /** @type {SignedOutReason} */
      const reason = now ? "replaced" : ((after && "reason" in after && after.reason) || "cleared");
      if (before) this.#options.ended();
      // The same user's next session, after another sign-in or a change of the password, is no end to the page.
      if (before && before.user.id !== now?.user.id) this.#emit("signedout", { user: before.user, reason, elsewhere });
      if (now) this.#emit("signedin", { user: now.user, elsewhere });
    }
    this.#waiting.forEach((check) => check());
  }

  /**
   * @template {keyof Events} K
   * @param {K} event
   * @param {Events[K]} detail
   */
  #emit(event, detail) {
    for (const listener of [...this.#listeners[event]]) {
      try {
        listener(detail);
      } catch (error) {
        // The listener's own fault; the session goes on.
        (globalThis.reportError ?? console.error)(error);
      }
    }
  }
}

/** What happens to a window when the store may hold something new. */
const NEWS = ["storage", "pageshow", "visibilitychange", "focus"];

/** Stands where a session could not be stored: it lives on in the memory of the tabs. */
const MOVED = '{"moved":true}';

/**
 * What to keep when another tab sends what it holds.
 * @param {Kept} own
 * @param {Kept} theirs
 * @returns {Kept}
 */
function newer(own, theirs) {
  if (isSession(theirs)) {
    if (isSession(own) && own.session_id === theirs.session_id) return theirs.count > own.count ? theirs : own;
    return own && "ended" in own && own.ended === theirs.session_id ? own : theirs;
  }
  if (!theirs || !isSession(own)) return theirs ?? own;
  return theirs.ended === null || theirs.ended === own.session_id ? theirs : own;
}

/** A {@link TokenStorage} that never fails: when it would, it is memory from then on. */
class Store {
  /** @type {TokenStorage | null} */
  #storage = null;
  /** @type {Map<string, string>} */
  #memory = new Map();

  /**
   * @param {"memory" | "local" | TokenStorage} storage
   * @param {Platform} platform
   */
  constructor(storage, platform) {
    if (typeof storage === "object") this.#storage = storage;
    else if (storage === "local") this.#storage = localStorageOf(platform);
    else if (storage !== "memory") throw misconfigured("storage must be memory, local or an object");
  }

  get isMemory() {
    return this.#storage === null;
  }

  /** @param {string} name */
  async get(name) {
    try {
      if (this.#storage) {
        const text = (await this.#storage.getItem(name)) ?? null;
        text === null ? this.#memory.delete(name) : this.#memory.set(name, text);
        return text;
      }
    } catch {
      this.#storage = null;
    }
    return this.#memory.get(name) ?? null;
  }

  /**
   * @param {string} name
   * @param {string} text
   */
  async set(name, text) {
    this.#memory.set(name, text);
    const storage = this.#storage;
    if (!storage) return;
    try {
      await storage.setItem(name, text);
    } catch {
      this.#storage = null;
      // No tab may find the old refresh token and use it long after it was superseded. Something short finds room.
      await (async () => storage.setItem(name, MOVED))().catch(() => storage.removeItem(name)).catch(ignore);
    }
  }
}

/** The device token of each account that has signed in here. */
class Devices {
  #store;
  #key;

  /**
   * @param {Store} store
   * @param {string} key
   */
  constructor(store, key) {
    this.#store = store;
    this.#key = key;
  }

  /**
   * @param {string} email
   * @returns {Promise<string | undefined>}
   */
  async get(email) {
    return (await this.#all()).find(([owner]) => owner === spelling(email))?.[1];
  }

  /**
   * @param {string} email
   * @param {string | undefined} token
   */
  async set(email, token) {
    if (token === undefined) return;
    const others = (await this.#all()).filter(([owner]) => owner !== spelling(email));
    await this.#store.set(this.#key, JSON.stringify([[spelling(email), token], ...others].slice(0, DEVICES)));
  }

  /** @returns {Promise<[string, string][]>} */
  async #all() {
    try {
      return [...JSON.parse((await this.#store.get(this.#key)) ?? "[]")];
    } catch {
      return [];
    }
  }
}

/** Upper and lower case are the same address. @param {string} email */
const spelling = (email) => email.toLowerCase();

/** @param {any} kept @returns {kept is Session} */
const isSession = (kept) => typeof kept?.session_id === "string" && typeof kept.user?.id === "string";

// ---- The service -----------------------------------------------------------------------------------------------------

/** Ratchet's own routes that need no access token. */
class Service {
  base;
  credentials;
  timeoutMs;
  fetch;
  #retry;
  #platform;
  /** No refresh before this, by the clock that never jumps: the service has asked for a pause. */
  #notBefore = -Infinity;

  /**
   * @param {URL} base
   * @param {boolean} cookie
   * @param {RetryOptions} retry
   * @param {Platform} platform
   * @param {ClientOptions} options
   */
  constructor(base, cookie, retry, platform, { fetch, timeoutMs }) {
    this.base = base;
    this.credentials = /** @type {RequestCredentials} */ (cookie ? "include" : "same-origin");
    this.timeoutMs = timeoutMs ?? 15_000;
    this.fetch = fetch ?? ((/** @type {any} */ input, /** @type {any} */ init) => globalThis.fetch(input, init));
    this.#retry = retry;
    this.#platform = platform;
  }

  /** A path is taken below the base URL; anything with a scheme stands for itself. @param {string} address */
  resolve(address) {
    if (/^[a-z][a-z0-9+.-]*:/i.test(address)) return new URL(address);
    return new URL(this.base.href.replace(/\/$/, "") + address.replace(/^\/?/, "/"));
  }

  /** @param {number | undefined} seconds */
  pause(seconds = 0) {
    this.#notBefore = Math.max(this.#notBefore, this.#platform.monotonic() + seconds * 1000);
  }

  /**
   * Posts JSON and reads the answer, as often as it is worth it: with pauses of random length that grow, and no shorter
   * than the service asks for.
   * @template T
   * @param {string} path
   * @param {unknown} body
   * @param {(answer: unknown, sent: Instant) => T} read
   * @param {{ tries?: number, keepalive?: boolean, signal?: AbortSignal }} [options]
   * @returns {Promise<T>}
   */
  async post(path, body, read, { tries = 1, keepalive = false, signal } = {}) {
    const { monotonic, random } = this.#platform;
    const { budgetMs, firstPauseMs, longestPauseMs } = this.#retry;
    const began = monotonic();
    const isPatient = tries > 1;
    for (let n = 1; ; n++) {
      const asked = isPatient ? this.#notBefore - monotonic() : 0;
      if (asked > budgetMs) throw busy(asked / 1000);
      if (asked > 0) await sleep(this.#platform, asked, signal);
      try {
        return await this.#once(path, body, read, keepalive, signal);
      } catch (error) {
        if (!(error instanceof RatchetError) || !isPassing(error)) throw error;
        if (isPatient) this.pause(error.retryAfter);
        const backoff = random() * Math.min(longestPauseMs, firstPauseMs * 2 ** (n - 1));
        const pause = (error.retryAfter ?? 0) * 1000 + backoff;
        if (n >= tries || monotonic() - began + pause > budgetMs) throw error;
        await sleep(this.#platform, pause, signal);
      }
    }
  }

  /**
   * @template T
   * @param {string} path
   * @param {unknown} body
   * @param {(answer: unknown, sent: Instant) => T} read
   * @param {boolean} keepalive
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<T>}
   */
  async #once(path, body, read, keepalive, signal) {
    const { monotonic, wall, setTimeout, clearTimeout } = this.#platform;
    const stop = new AbortController();
    const abort = () => stop.abort();
    const timer = setTimeout(abort, this.timeoutMs);
    signal?.addEventListener("abort", abort);
    const sent = { monotonic: monotonic(), wall: wall() };
    try {
      signal?.throwIfAborted();
      const response = await this.fetch(this.resolve(path), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
        credentials: this.credentials,
        redirect: "error",
        signal: stop.signal,
        keepalive,
      });
      return read(readAnswer(response, await response.text()), sent);
    } catch (error) {
      if (error instanceof RatchetError) throw error;
      if (signal?.aborted) throw signal.reason;
      throw new RatchetError("network", "The service can't be reached.", { cause: error });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }
}

/** The codes of the service's errors. @type {ReadonlySet<ErrorCode>} */
const CODES = new Set([
  "invalid_request",
  "invalid_credentials",
  "invalid_grant",
  "invalid_token",
  "insufficient_scope",
  "not_found",
  "email_taken",
  "payload_too_large",
  "unsupported_media_type",
  "too_many_attempts",
  "too_many_requests",
  "temporarily_unavailable",
]);

/**
 * The JSON of an answer, `null` if it has no body; throws the error that it is.
 * @param {Response} response
 * @param {string} text
 * @returns {unknown}
 */
function readAnswer({ ok, status, headers }, text) {
  let answer = /** @type {any} */ (undefined);
  try {
    answer = JSON.parse(text || "null");
  } catch {
    // Not the service's: a proxy's, or a page that asks to sign in to the network.
  }
  if (ok && answer !== undefined) return answer;
  // Seconds only: a date would have to be compared with the device's clock.
  const after = headers.get("retry-after") ?? "";
  const retryAfter = /^\d+$/.test(after) ? Number(after) : undefined;
  const code = /** @type {ErrorCode} */ (ok ? "unexpected_answer" : CODES.has(answer?.error) ? answer.error : byStatus(status));
  throw new RatchetError(code, String(answer?.error_description ?? `The service answered ${status}.`), { status, retryAfter });
}

/** @param {number} status @returns {ErrorCode} */
function byStatus(status) {
  if (status === 429) return "too_many_requests";
  return status >= 500 ? "temporarily_unavailable" : "unexpected_answer";
}

/** Whether the same request may be answered better later. @param {RatchetError} error */
const isPassing = ({ status = 0 }) => status < 300 || status === 429 || status >= 500;

/** @param {number} retryAfter */
const busy = (retryAfter) =>
  new RatchetError("temporarily_unavailable", "The service has asked for a pause.", { retryAfter: Math.ceil(retryAfter) });

/**
 * No request is sent in the name of somebody who has signed in while it waited.
 * @param {Session} session
 * @param {User | null} user
 */
function sameUser(session, user) {
  if (!user || session.user.id === user.id) return session;
  throw new RatchetError("user_changed", "Another user has signed in meanwhile.");
}

const signedOut = () => new RatchetError("signed_out", "Nobody is signed in.");

/** @param {string} problem */
const misconfigured = (problem) => new RatchetError("misconfigured", `createClient: ${problem}`);

// ---- Requests that can be repeated -----------------------------------------------------------------------------------

/**
 * Readies a request so that it can be sent now and again after a refresh, whatever the caller does with it meanwhile.
 * @param {string | URL | Request} input
 * @param {RequestInit} init
 * @param {Service} service
 * @param {ReadonlySet<string>} origins
 * @returns {Promise<(accessToken: string) => Promise<Response>>}
 */
async function repeatable(input, init, service, origins) {
  const request = isRequest(input) ? input : null;
  const url = service.resolve(request?.url ?? String(input));
  if (!origins.has(url.origin)) {
    throw new RatchetError("origin_refused", `${url.origin} is neither baseUrl's origin nor one of origins.`);
  }
  const own = new Headers(init.headers ?? request?.headers);
  const body = init.body == null && request ? await bodyOf(request) : copyOf(init.body);
  return async (accessToken) => {
    const headers = new Headers(own);
    headers.set("authorization", `Bearer ${accessToken}`);
    // A redirect is not followed: not every browser takes the token off when it leads to another origin.
    const how = { ...init, ...(body == null ? {} : { body }), headers, redirect: /** @type {const} */ ("manual") };
    try {
      const response = await (request ? service.fetch(new Request(request, how)) : service.fetch(url, how));
      if (init.redirect === "manual" || !isRedirect(response)) return response;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new RatchetError("network", "The request got no answer.", { cause: error });
    }
    throw new RatchetError("redirect_refused", `${url.origin} redirects ${url.pathname}, and the token is not sent on.`);
  };
}

/** @param {string | URL | Request} input @returns {input is Request} */
const isRequest = (input) => typeof input === "object" && "method" in input;

/** @param {Response} response */
const isRedirect = ({ type, status }) => type === "opaqueredirect" || [301, 302, 303, 307, 308].includes(status);

/** @param {Request} request */
const bodyOf = (request) => (/^(get|head)$/i.test(request.method) ? undefined : request.clone().blob());

/**
 * The body as it is now; the caller may change theirs while a refresh is waited for.
 * @param {BodyInit | null | undefined} body
 * @returns {BodyInit | null | undefined}
 */
function copyOf(body) {
  if (body == null || typeof body !== "object" || body instanceof Blob) return body;
  if ("getReader" in body || Symbol.asyncIterator in body) {
    throw new RatchetError("stream_refused", "A stream can't be sent again after a refresh. Send a Blob, say.");
  }
  if (body instanceof URLSearchParams) return new URLSearchParams(body);
  if (body instanceof FormData) {
    const copy = new FormData();
    body.forEach((value, name) => copy.append(name, value));
    return copy;
  }
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice();
  return body instanceof ArrayBuffer ? body.slice(0) : body;
}

/**
 * Whether an answer says that the access token is no good: `invalid_token` of RFC 6750, in the header or else the body.
 * @param {Answer} answer
 */
async function refusesToken(answer) {
  const { status, headers } = answer;
  if (status !== 401) return false;
  const challenge = headers.get("www-authenticate");
  if (challenge !== null) return /\berror="?invalid_token\b/i.test(challenge);
  if (headers.has("is-token-expired")) return true;
  const body = "json" in answer ? await answer.clone().json().catch(ignore) : answer.error;
  return body?.error === "invalid_token";
}

// ---- The platform ----------------------------------------------------------------------------------------------------

/**
 * @param {Partial<Platform>} [given]
 * @returns {Platform}
 */
function platformOf(given) {
  const scope = globalThis;
  /** @type {Platform} */
  const platform = {
    monotonic: () => performance.now(),
    wall: () => Date.now(),
    random: () => Math.random(),
    setTimeout: (callback, ms) => setTimeout(callback, ms),
    clearTimeout: (timer) => clearTimeout(timer),
    locks: /** @type {Locks | null} */ (scope.navigator?.locks ?? null),
    channel: (name) => {
      if (!scope.BroadcastChannel) return null;
      const channel = new BroadcastChannel(name);
      // In Node an open channel would keep the process from ending.
      /** @type {any} */ (channel).unref?.();
      return channel;
    },
    events: typeof scope.addEventListener === "function" ? scope : null,
    localStorage: () => scope.localStorage,
    ...given,
  };
  platform.locks ??= leases(platform);
  return platform;
}

/** The browser may forbid even to ask for it. @param {Platform} platform */
function localStorageOf(platform) {
  try {
    return platform.localStorage() ?? null;
  } catch {
    return null;
  }
}

/** How long a lease lasts unless it is renewed. */
const LEASE_MS = 5_000;
/** How long a rival's claim may take to show. */
const RIVAL_MS = 30;

/**
 * In place of Web Locks: among the clients of one page, a queue; among tabs, an entry in localStorage for as long as a
 * refresh takes. Two tabs may both believe that they hold it: when a tab's timers slept past its end, or when a claim
 * takes longer than usual to show. Both then refresh, and the service gives both the same next token.
 * @param {Platform} platform
 * @returns {Locks}
 */
function leases(platform) {
  return {
    request: (name, options, callback) =>
      pageLocks.request(name, options, async (held) => {
        const storage = localStorageOf(platform);
        if (!held || !storage || !name.endsWith(":refresh")) return callback(held);
        const lease = new Lease(storage, name, platform);
        if (!(await lease.take(options))) return callback(null);
        try {
          return await callback(held);
        } finally {
          lease.end();
        }
      }),
  };
}

class Lease {
  #storage;
  #name;
  #platform;
  #id;
  /** @type {unknown} */
  #timer = 0;

  /**
   * @param {Storage} storage
   * @param {string} name
   * @param {Platform} platform
   */
  constructor(storage, name, platform) {
    this.#storage = storage;
    this.#name = name;
    this.#platform = platform;
    this.#id = platform.random().toString(36).slice(2);
  }

  /**
   * @param {{ ifAvailable?: boolean, signal?: AbortSignal }} options
   * @returns {Promise<boolean>}
   */
  async take({ ifAvailable, signal }) {
    for (;;) {
      if (!this.#owner()) {
        if (!this.#renew()) return true;
        await sleep(this.#platform, RIVAL_MS, signal);
        if (this.#owner() === this.#id) return true;
        this.#platform.clearTimeout(this.#timer);
      }
      if (ifAvailable) return false;
      await sleep(this.#platform, RIVAL_MS * (1 + this.#platform.random()), signal);
    }
  }

  end() {
    this.#platform.clearTimeout(this.#timer);
    if (this.#owner() === this.#id) this.#storage.removeItem(this.#name);
  }

  /** Nobody, when it has run out or lasts longer than it can: the device's clock was turned back. */
  #owner() {
    const [id, until] = (this.#storage.getItem(this.#name) ?? "").split(" ");
    const left = Number(until) - this.#platform.wall();
    return left > 0 && left <= LEASE_MS ? id : "";
  }

  /** Whether it could be written. */
  #renew() {
    try {
      this.#storage.setItem(this.#name, `${this.#id} ${this.#platform.wall() + LEASE_MS}`);
    } catch {
      return false;
    }
    this.#timer = this.#platform.setTimeout(() => this.#owner() === this.#id && this.#renew(), LEASE_MS / 3);
    return true;
  }
}

/** The ends of the queues by name. @type {Map<string, Promise<unknown>>} */
const queues = new Map();

/** @type {Locks} */
const pageLocks = {
  async request(name, { ifAvailable, signal }, callback) {
    const before = queues.get(name);
    if (before && ifAvailable) return callback(null);
    let release = ignore;
    const mine = new Promise((resolve) => (release = () => resolve(undefined)));
    const end = Promise.resolve(before).then(() => mine);
    queues.set(name, end);
    try {
      if (before) await abortable(before, signal);
      return await callback({ name });
    } finally {
      release();
      if (queues.get(name) === end) queues.delete(name);
    }
  },
};

/**
 * An address to which tokens may go.
 * @param {string} option
 * @param {string | URL} address
 */
function safeOrigin(option, address) {
  let url;
  try {
    url = new URL(String(address), globalThis.location?.href);
  } catch {
    throw misconfigured(`${option} must be a URL`);
  }
  if (url.username || url.password || url.search || url.hash) {
    throw misconfigured(`${option} must have no credentials, query or fragment`);
  }
  if (option === "origins" && url.pathname !== "/") throw misconfigured("origins must have no path");
  if (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname))) return url;
  throw misconfigured(`${option} must be https, or http on a loopback address`);
}

/** Where the browser would send a request for this. @param {string | URL} address */
function originOf(address) {
  try {
    return new URL(address, globalThis.document?.baseURI ?? globalThis.location?.href).origin;
  } catch {
    return "";
  }
}

/** @param {string} host as a URL spells it */
const isLoopback = (host) => /^(127(\.\d+){3}|\[::1\]|(.+\.)?localhost)$/.test(host);

/**
 * The same promise, unless the signal aborts first; what the promise stands for goes on.
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal | null | undefined} signal
 * @returns {Promise<T>}
 */
function abortable(promise, signal) {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
    if (signal.aborted) abort();
  });
}

/**
 * @param {Platform} platform
 * @param {number} ms
 * @param {AbortSignal} [signal]
 */
function sleep(platform, ms, signal) {
  /** @type {unknown} */
  let timer;
  const pause = new Promise((resolve) => (timer = platform.setTimeout(() => resolve(undefined), ms)));
  return abortable(pause, signal).finally(() => platform.clearTimeout(timer));
}

/** @param {unknown} error */
const codeOf = (error) => (error instanceof RatchetError ? error.code : undefined);

/** @param {unknown} error */
const nullIfSignedOut = (error) => (codeOf(error) === "signed_out" ? null : throws(error));

/** Whether a request had no refresh token: with the cookie transport, because there is no cookie. @param {unknown} error */
const isWithoutToken = (error) =>
  error instanceof RatchetError && error.code === "invalid_request" && /^refresh_token is missing\b/.test(error.message);

/** @param {unknown} error @returns {never} */
const throws = (error) => {
  throw error;
};

const ignore = () => {};
