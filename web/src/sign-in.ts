/** The requests that begin a session: sign-ins, and requests that replace the current session. */
import type { SecondFactor } from "./api.js";
import { sameUser } from "./authorization.js";
import { signedOut, throws } from "./errors.js";
import type { Settings } from "./options.js";
import type { Reader, Service } from "./service.js";
import { isSession, type Kept, type NewSession, readTokens, type Session, type User } from "./session.js";
import type { SharedSession } from "./shared-session.js";
import type { CookieKey } from "./retry-key.js";
import { Devices, Store } from "./storage.js";

/** The members of a request's body. */
export type Fields = Record<string, unknown>;

/** How to send a request that ends all sessions, and how to read its answer. */
export interface Replacing {
  method?: string;
  read?: (tokens: Reader<NewSession>) => Reader<NewSession>;
}

/** The members of a body for a second factor. */
export const factorOf = ({ totp, recoveryCode }: SecondFactor): Fields => ({ totp, recovery_code: recoveryCode });

export class SignIns {
  readonly #settings: Settings;
  readonly #service: Service;
  readonly #shared: SharedSession;
  readonly #cookieKey: CookieKey | null;
  readonly #devices: Devices;

  constructor(settings: Settings, service: Service, shared: SharedSession, cookieKey: CookieKey | null) {
    const { deviceStorage, key, platform } = settings;
    this.#settings = settings;
    this.#service = service;
    this.#shared = shared;
    this.#cookieKey = cookieKey;
    this.#devices = new Devices(new Store(deviceStorage, platform, `${key}:devices`));
  }

  deviceToken(email: string): Promise<string | undefined> {
    return this.#devices.get(email);
  }

  /** Signs in, and ends the session that the new one replaces. */
  async signIn(path: string, fields: Fields, read?: Reader<NewSession>): Promise<User> {
    await this.#shared.ready;
    const begin = async () => {
      const session = await this.#post(path, fields, "", read);
      let old = null as Kept;
      await this.#shared.commit((before) => {
        old = before;
        return session.next(null);
      }, session);
      // This does not wait for its end.
      if (isSession(old) && old.refresh_token) void this.#service.end(old.refresh_token);
      return session.user;
    };
    // A refresh that is answered after the sign-in would replace the new session's cookie by the old one's.
    return this.#settings.cookie ? this.#shared.renewing(this.#settings.timeoutMs, begin) : begin();
  }

  /** Sends the change once, and continues with the session of its answer, or ends that if the user has signed out
   * meanwhile. */
  async replace(path: string, fields: Fields, { user, access_token }: Session, { method, read }: Replacing = {}): Promise<User> {
    await this.#shared.sync();
    const old = this.#shared.session ?? throws(signedOut());
    sameUser(old, user);
    const device_token = await this.#devices.get(user.email);
    const reader = read?.(readTokens(this.#settings.cookie));
    const session = await this.#post(path, { ...fields, device_token }, access_token, reader, method);
    const next = session.next(old);
    // A refusal meanwhile, for a refresh that lost patience with the lock, was about the session that the change has ended.
    const isReplaced = (before: Kept) =>
      isSession(before)
        ? before.user.id === session.user.id
        : before?.reason === "refused" && (before.ended ?? old.session_id) === old.session_id;
    const kept = await this.#shared.commit((before) => (isReplaced(before) ? next : before), session);
    if (kept !== next) await this.#service.end(next.refresh_token);
    return session.user;
  }

  async #post(
    path: string,
    fields: Fields,
    accessToken: string,
    read: Reader<NewSession> = readTokens(this.#settings.cookie),
    method?: string,
  ): Promise<NewSession> {
    const body = this.#settings.cookie ? { ...fields, refresh_transport: "cookie" } : fields;
    const session = await this.#service.post(path, body, read, { accessToken, ...(method && { method }) });
    await this.#cookieKey?.spendAny();
    await this.#devices.set(session.user.email, session.deviceToken);
    return session;
  }
}
