import { RatchetClient } from "./client.js";
export { RatchetError } from "./errors.js";
/**
 * Creates a client. Create one per page, or per worker.
 *
 * @throws {RatchetError} with the code `misconfigured` and the name of the option.
 */
export const createClient = (options) => new RatchetClient(options);
