/** Ratchet's accounts: forgotten passwords, addresses, pending registrations, the name, and deletion. */
import type { Account } from "./account-api.js";
import type { Client } from "./index.js";
export type { Account, OwnData, Proof, Registration } from "./account-api.js";
export { type Link, type LinkKind, readLink } from "./mailed-link.js";
/**
 * Returns the methods that change the account of a client's user.
 *
 * @throws {RatchetError} with the code `misconfigured` if the client was not made by this package's `createClient`.
 */
export declare function accountOf(client: Client): Account;
