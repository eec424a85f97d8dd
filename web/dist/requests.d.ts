/** Repeatable requests, and the answers that require a repeat. */
import type { Answer } from "./api.js";
/** Sends a request with this access token. */
export type Send = (accessToken: string) => Promise<Response>;
/** The targets of requests, and the origins that may see the token. */
export interface Target {
    fetch: typeof fetch;
    origins: ReadonlySet<string>;
    resolve(address: string): URL;
    /** Aborts the request. */
    signal: AbortSignal | null | undefined;
}
/**
 * Prepares a request so that it can be sent now and once more after a refresh, whatever the caller does to it meanwhile.
 */
export declare function repeatable(input: string | URL | Request, init: RequestInit, target: Target): Promise<Send>;
export declare const isRequest: (input: string | URL | Request) => input is Request;
/** Returns a header of an answer, or an empty text if it is missing. */
export declare function headerOf({ headers }: Answer, name: string): string;
/** Returns whether an answer refuses the access token: `invalid_token` of RFC 6750. */
export declare const refusesToken: (answer: Answer) => Promise<boolean>;
/** Returns the error that a 401 names, in its header (RFC 6750, RFC 9470) or else in its body; empty if it names none. */
export declare function refusalOf(answer: Answer): Promise<string>;
