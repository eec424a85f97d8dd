/** What the entries beside the core share: requests of who is signed in, and those that prove who that is. */
import type { Proof } from "./account-api.js";
import { RatchetClient } from "./client.js";
import type { Client } from "./index.js";
import { type Fields } from "./sign-in.js";
/** The members of a body that prove who asks. */
export declare const proofOf: (proof: Proof) => Fields;
/**
 * Returns what a client of this package can do beyond its interface.
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
