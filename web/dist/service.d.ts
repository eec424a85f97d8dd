import type { Settings } from "./options.js";
import type { Instant } from "./platform.js";
/** How to send a request to the service. */
export interface SendOptions {
    /** `POST` unless another is given. */
    method?: string;
    /** Whether it outlives the page. */
    keepalive?: boolean;
    signal?: AbortSignal;
    accessToken?: string;
    /** The largest number of requests. With more than one, pauses that the service has requested are respected. */
    tries?: number;
}
/** Turns the JSON of an answer, and when its request was sent, into a value. */
export type Reader<T> = (answer: unknown, sent: Instant) => T;
export declare class Service {
    #private;
    readonly credentials: RequestCredentials;
    constructor(settings: Settings);
    /** Resolves a path below the base URL. An address with a scheme stands for itself. */
    resolve(address: string): URL;
    /** Sends no refresh for this many seconds. Returns the pause in milliseconds. */
    pause(seconds?: number): number;
    /**
     * Posts JSON and reads the answer, as often as another attempt may help: with pauses of random length that grow, and that
     * are no shorter than the service requires.
     */
    post<T>(path: string, body: unknown, read: Reader<T>, { tries, ...options }?: SendOptions): Promise<T>;
    /** Ends the session of a refresh token, or that of the cookie, if the service can be reached. */
    end(refresh_token: string | undefined): Promise<void>;
}
/**
 * Returns the JSON of an answer, `null` if it has no body.
 *
 * @throws {RatchetError} for an error answer.
 */
export declare function readAnswer({ ok, status, headers }: Response, text: string): unknown;
