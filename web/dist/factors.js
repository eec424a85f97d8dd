import { explained } from "./errors.js";
import { memberOf, partsOf, proofOf } from "./proven.js";
/**
 * Returns the second factors of a client's user.
 *
 * @throws {RatchetError} with the code `misconfigured` if the client was not made by this package's `createClient`.
 */
export function factorsOf(client) {
    const { client: parts, send, sendProven } = partsOf(client, "factorsOf");
    return Object.freeze({
        list: async () => (await send("GET", "/factors")),
        enrolTotp: (proof) => explained(async () => (await sendProven("POST", "/factors/totp", proofOf(proof))).answer),
        confirmTotp: (confirmation) => explained(async () => {
            const { code } = confirmation;
            let recoveryCodes = [];
            await parts.replace("/factors/totp/confirm", { code }, {
                read: (tokens) => (answer, sent) => {
                    recoveryCodes = answer?.recovery_codes ?? [];
                    return tokens(answer, sent);
                },
            });
            return { recoveryCodes };
        }),
        removeTotp: (proof) => explained(async () => void (await parts.replace("/factors/totp", proofOf(proof), { method: "DELETE" }))),
        newRecoveryCodes: (proof) => explained(async () => {
            const { answer } = await sendProven("POST", "/factors/recovery-codes", proofOf(proof));
            return { recoveryCodes: memberOf(answer, "recovery_codes") };
        }),
    });
}
