/** The requests that begin a session: those that sign in, and those that bring another session in place of the present one. */
import type { SecondFactor } from "./api.js";
import type { Settings } from "./options.js";
import type { Reader, Service } from "./service.js";
import { type NewSession, type Session, type User } from "./session.js";
import type { SharedSession } from "./shared-session.js";
import type { CookieKey } from "./retry-key.js";
/** The members of a request's body. */
export type Fields = Record<string, unknown>;
/** How what ends all sessions is sent, and how its answer is read. */
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
    /** Signs in, and ends the session whose place the new one takes. */
    signIn(path: string, fields: Fields, read?: Reader<NewSession>): Promise<User>;
    /** Sends the change once, and continues with the session of its answer, or ends that if the user has signed out meanwhile. */
    replace(path: string, fields: Fields, { user, access_token }: Session, { method, read }?: Replacing): Promise<User>;
}
