/** Shared by the other entries: requests of the signed-in user, and requests with a proof of identity. */
import type { Proof } from "./account-api.js";
import { RatchetClient } from "./client.js";
import type { Client } from "./index.js";
import { type Fields } from "./sign-in.js";
/** The members of a body with the proof of identity. */
export declare const proofOf: (proof: Proof) => Fields;
/**
 * Returns a member of an answer.
 *
 * @throws {RatchetError} with the code `unexpected_answer` if it is missing.
 */
export declare const memberOf: (answer: any, name: string) => any;
/**
 * Returns the abilities of a client of this package beyond its interface.
 *
 * @throws {RatchetError} with the code `misconfigured` if it is another client.
 */
export declare function partsOf(client: Client, asking: string): {
    client: RatchetClient;
    send: (method: string, path: string, body?: object) => Promise<unknown>;
    sendProven: (method: string, path: string, body: Fields) => Promise<{
        user: import("./session.js").User;
        answer: any;
    }>;
};
