import type { Settings } from "./options.js";
import type { CookieKey } from "./retry-key.js";
import type { Service } from "./service.js";
import { type Session } from "./session.js";
import type { SharedSession } from "./shared-session.js";
export declare class Refresher {
    #private;
    constructor(settings: Settings, service: Service, shared: SharedSession, cookieKey: CookieKey | null);
    /** Abandons the request of a refresh, because its session is over. */
    stop(): void;
    mayBeSignedIn(): boolean;
    /** Returns the session with another access token than this one. */
    refresh(stale: string): Promise<Session>;
}
