/** The access token for a request, and for the same request after a refusal. */
import type { Answer, Authorization } from "./api.js";
import { explained, ignore, RatchetError } from "./errors.js";
import type { Refresher } from "./refresh.js";
import { headerOf, refusesToken } from "./requests.js";
import type { Session, User } from "./session.js";
import type { SharedSession } from "./shared-session.js";

export class Authorizer {
  readonly #shared: SharedSession;
  readonly #refresher: Refresher;
  /** A token that was refused right after its refresh: refreshing again is useless. */
  #hopeless = "";

  constructor(shared: SharedSession, refresher: Refresher) {
    this.#shared = shared;
    this.#refresher = refresher;
  }

  /** Returns the credentials for a request now. */
  async authorization(): Promise<Authorization> {
    const asked = this.#shared.session?.user ?? null;
    return this.#authorizationOf(sameUser(await this.usable(), asked), true);
  }

  /** Returns a session whose access token is worth trying. */
  async usable(): Promise<Session> {
    await this.#shared.ready;
    const { session } = this.#shared;
    const age = this.#shared.ageMs() / 1000;
    if (!session?.access_token || age >= session.expires_in) return this.#refresher.refresh(session?.access_token ?? "");
    // The token is still valid, so the request need not wait. Requests that wait learn the outcome of the refresh.
    if (age >= session.refresh_after) this.#refresher.refresh(session.access_token).catch(ignore);
    return session;
  }

  #authorizationOf({ access_token: accessToken, user }: Session, isFirst: boolean): Authorization {
    const renew = (answer: Answer) =>
      explained(async () => {
        if (!(await refusesToken(answer)) || this.#isHopeless(accessToken, answer)) return null;
        if (isFirst) return this.#authorizationOf(sameUser(await this.#refresher.refresh(accessToken), user), false);
        this.#hopeless = accessToken;
        return null;
      });
    return { accessToken, renew };
  }

  /** The service refuses this token and the previous one as not genuine: another one will be refused too. */
  #isHopeless(token: string, answer: Answer): boolean {
    return token === this.#hopeless && headerOf(answer, "is-token-expired") === "false";
  }
}

/** Returns the session, unless another user signed in while the request waited: it must not be sent in their name. */
export function sameUser(session: Session, user: User | null): Session {
  if (!user || session.user.id === user.id) return session;
  throw new RatchetError("user_changed", "Another user has signed in meanwhile.");
}
