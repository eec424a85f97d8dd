/** Shared by the other entries: requests of the signed-in user, and requests with a proof of identity. */
import type { Proof } from "./account-api.js";
import { RatchetClient } from "./client.js";
import { RatchetError, signedOut, throws } from "./errors.js";
import type { Client } from "./index.js";
import { factorOf, type Fields } from "./sign-in.js";

/** The members of a body with the proof of identity. */
export const proofOf = (proof: Proof): Fields => ({ current_password: proof.currentPassword, ...factorOf(proof) });

/**
 * Returns a member of an answer.
 *
 * @throws {RatchetError} with the code `unexpected_answer` if it is missing.
 */
export const memberOf = (answer: any, name: string): any =>
  answer?.[name] ?? throws(new RatchetError("unexpected_answer", `The answer has no ${name}.`));

/**
 * Returns the abilities of a client of this package beyond its interface.
 *
 * @throws {RatchetError} with the code `misconfigured` if it is another client.
 */
export function partsOf(client: Client, asking: string) {
  if (!(client instanceof RatchetClient)) throw new RatchetError("misconfigured", `${asking}: this is no client of createClient`);

  /** Sends a request that needs a session. */
  const send = (method: string, path: string, body?: object) => {
    const headers = { "content-type": "application/json" };
    return client.json(method, path, body && { headers, body: JSON.stringify(body) });
  };

  /** Sends it with a proof, and with this device's token, so that guesses elsewhere do not block it. */
  const sendProven = async (method: string, path: string, body: Fields) => {
    const user = (await client.resume()) ?? throws(signedOut());
    const answer: any = await send(method, path, { ...body, device_token: await client.signIns.deviceToken(user.email) });
    return { user, answer };
  };

  return { client, send, sendProven };
}
