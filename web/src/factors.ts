/** Ratchet's second factors: an authenticator app (TOTP, RFC 6238) and its recovery codes. */
import type { FactorList, Proof } from "./account-api.js";
import { explained } from "./errors.js";
import type { Client } from "./index.js";
import { memberOf, partsOf, proofOf } from "./proven.js";

export type { FactorList, Proof } from "./account-api.js";

/**
 * The second factors of a user. Changes of them end all other sessions, and this browser continues with a new one.
 *
 * If the service has no second factors, methods reject with `not_found`.
 */
export interface Factors {
  /** Returns the user's factors. */
  list(): Promise<FactorList>;
  /**
   * Makes the secret of an authenticator app. The app is required only after {@link Factors.confirmTotp} has received
   *   a code of it, and
   * then replaces an existing app.
   */
  enrolTotp(proof: Proof): Promise<EnrolledTotp>;
  /** Confirms the app with a code of it. The recovery codes are shown only now: let the user keep them. */
  confirmTotp(confirmation: { code: string }): Promise<RecoveryCodes>;
  /** Removes the app and its recovery codes. */
  removeTotp(proof: Proof): Promise<void>;
  /** Makes new recovery codes. The old ones stop working. */
  newRecoveryCodes(proof: Proof): Promise<RecoveryCodes>;
}

export interface EnrolledTotp {
  /** The secret in base32, for typing. */
  secret: string;
  /** `otpauth://totp/...`, for a QR code or a link. */
  uri: string;
}

export interface RecoveryCodes {
  recoveryCodes: string[];
}

/**
 * Returns the second factors of a client's user.
 *
 * @throws {RatchetError} with the code `misconfigured` if the client was not made by this package's `createClient`.
 */
export function factorsOf(client: Client): Factors {
  const { client: parts, send, sendProven } = partsOf(client, "factorsOf");
  return Object.freeze({
    list: async () => (await send("GET", "/factors")) as FactorList,

    enrolTotp: (proof) => explained(async () => (await sendProven("POST", "/factors/totp", proofOf(proof))).answer),

    confirmTotp: (confirmation) =>
      explained(async () => {
        const { code } = confirmation;
        let recoveryCodes: string[] = [];
        await parts.replace("/factors/totp/confirm", { code }, {
          read: (tokens) => (answer: any, sent) => {
            recoveryCodes = answer?.recovery_codes ?? [];
            return tokens(answer, sent);
          },
        });
        return { recoveryCodes };
      }),

    removeTotp: (proof) =>
      explained(async () => void (await parts.replace("/factors/totp", proofOf(proof), { method: "DELETE" }))),

    newRecoveryCodes: (proof) =>
      explained(async () => {
        const { answer } = await sendProven("POST", "/factors/recovery-codes", proofOf(proof));
        return { recoveryCodes: memberOf(answer, "recovery_codes") };
      }),
  } satisfies Factors);
}
