/** The requests that begin a session: sign-ins, and requests that replace the current session. */
import type { SecondFactor } from "./api.js";
import type { Settings } from "./options.js";
import type { Reader, Service } from "./service.js";
import { type NewSession, type Session, type User } from "./session.js";
import type { SharedSession } from "./shared-session.js";
import type { CookieKey } from "./retry-key.js";
/** The members of a request's body. */
export type Fields = Record<string, unknown>;
/** How to send a request that ends all sessions, and how to read its answer. */
export interface Replacing {
    method?: string;
    read?: (tokens: Reader<NewSession>) => Reader<NewSession>;
}
/** The members of a body for a second factor. */
export declare const factorOf: ({ totp, recoveryCode }: SecondFactor) => Fields;
export declare class SignIns {
    #private;
    constructor(settings: Settings, service: Service, shared: SharedSession, cookieKey: CookieKey | null);
    deviceToken(email: string): Promise<string | undefined>;
    /** Signs in, and ends the session that the new one replaces. */
    signIn(path: string, fields: Fields, read?: Reader<NewSession>): Promise<User>;
    /** Sends the change once, and continues with the session of its answer, or ends that if the user has signed out
     * meanwhile. */
    replace(path: string, fields: Fields, { user, access_token }: Session, { method, read }?: Replacing): Promise<User>;
}
