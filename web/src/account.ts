/** Ratchet's accounts: forgotten passwords, addresses, pending registrations, the name, and deletion. */
import type { Account, OwnData, Registration } from "./account-api.js";
import { explained, ignore, RatchetError, throws } from "./errors.js";
import type { Client, User } from "./index.js";
import type { Instant } from "./platform.js";
import { partsOf, proofOf } from "./proven.js";
import { readTokens } from "./session.js";

export type { Account, OwnData, Proof, Registration } from "./account-api.js";
export { type Link, type LinkKind, readLink } from "./mailed-link.js";

/**
 * Returns the methods that change the account of a client's user.
 *
 * @throws {RatchetError} with the code `misconfigured` if the client was not made by this package's `createClient`.
 */
export function accountOf(client: Client): Account {
  return account(partsOf(client, "accountOf"));
}

function account({ client, send, sendProven }: ReturnType<typeof partsOf>): Account {
  const { service, signIns } = client;

  /** Posts a request that needs no session. */
  const post = (path: string, body: object) => service.post(path, body, ignore);

  /** Continues with the new state of the session. The change itself is done, whatever the result of this. */
  const takeUp = async () => {
    if (client.user) await client.refresh().catch(ignore);
  };

  return Object.freeze({
    requestPasswordReset: (account) =>
      explained(async () => {
        const { email } = account;
        await post("/password/reset-request", { email, device_token: await signIns.deviceToken(email) });
      }),

    resetPassword: (reset) =>
      explained(async () => {
        const { token, password } = reset;
        await post("/password/reset", { token, new_password: password });
        await takeUp();
      }),

    requestVerification: async () => void (await send("POST", "/email/verify-request")),

    verifyEmail: (code) =>
      explained(async () => {
        const { token } = code;
        await send("POST", "/email/verify", { token });
        await takeUp();
      }),

    changeEmail: (change) =>
      explained(async () => {
        const { email } = change;
        await sendProven("POST", "/email", { new_email: email, ...proofOf(change) });
      }),

    confirmEmail: (code) =>
      explained(() => {
        const { token } = code;
        return client.replace("/email/confirm", { token });
      }),

    undoEmail: (code) =>
      explained(async () => {
        const { token } = code;
        await post("/email/undo", { token });
        await takeUp();
      }),

    register: (account) =>
      explained(async () => {
        const { email, password, name } = account;
        let pending = null as Registration | null;
        const read = (answer: any, sent: Instant) => {
          const { registration_token, expires_in } = answer ?? {};
          if (typeof registration_token !== "string") return readTokens(service.credentials === "include")(answer, sent);
          pending = { pending: true, registrationToken: registration_token, expiresIn: expires_in };
          throw new RatchetError("unexpected_answer", "The registration is pending.");
        };
        try {
          return { pending: false, user: await signIns.signIn("/register", { email, password, name }, read) };
        } catch (error) {
          return pending ?? throws(error);
        }
      }),

    confirmRegistration: (registration) =>
      explained(async () => {
        const { token } = registration;
        const half =
          "registrationToken" in registration
            ? { registration_token: registration.registrationToken }
            : {
                email: registration.email,
                password: registration.password,
                device_token: await signIns.deviceToken(registration.email),
              };
        return signIns.signIn("/register/confirm", { ...half, token });
      }),

    changeName: (change) =>
      explained(async () => {
        const { name } = change;
        const user = await send("PATCH", "/me", { name });
        await takeUp();
        return user as User;
      }),

    deleteAccount: (proof) =>
      explained(async () => {
        const { user } = await sendProven("DELETE", "/me", proofOf(proof));
        if (client.user?.id === user.id) await client.ended(client.status()?.sessionId);
      }),

    ownData: async () => (await send("GET", "/me/data")) as OwnData,
  } satisfies Account);
}
