/** The access token for a request, and for the same request after a refusal. */
import type { Authorization } from "./api.js";
import type { Refresher } from "./refresh.js";
import type { Session, User } from "./session.js";
import type { SharedSession } from "./shared-session.js";
export declare class Authorizer {
    #private;
    constructor(shared: SharedSession, refresher: Refresher);
    /** Returns the credentials for a request now. */
    authorization(): Promise<Authorization>;
    /** Returns a session whose access token is worth trying. */
    usable(): Promise<Session>;
}
/** Returns the session, unless another user signed in while the request waited: it must not be sent in their name. */
export declare function sameUser(session: Session, user: User | null): Session;
