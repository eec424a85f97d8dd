/** Ratchet's accounts: forgotten passwords, addresses, registrations that wait for a mail, the name, and the end. */
import type { Account, OwnData, Registration } from "./account-api.js";
import { RatchetClient } from "./client.js";
import { explained, ignore, RatchetError, signedOut, throws } from "./errors.js";
import type { Client, User } from "./index.js";
import type { Instant } from "./platform.js";
import { readTokens } from "./session.js";

export type { Account, OwnData, Registration } from "./account-api.js";
export { type Link, type LinkKind, readLink } from "./mailed-link.js";

/**
 * Returns what changes the account of a client's user.
 *
 * @throws {RatchetError} with the code `misconfigured` if the client was not made by this package's `createClient`.
 */
export function accountOf(client: Client): Account {
  if (!(client instanceof RatchetClient)) throw new RatchetError("misconfigured", "accountOf: this is no client of createClient");
  const { service, signIns } = client;

  /** Posts what needs no session. */
  const post = (path: string, body: object) => service.post(path, body, ignore);

  /** Sends what needs one. */
  const send = (method: string, path: string, body?: object) => {
    const headers = { "content-type": "application/json" };
    return client.json(method, path, body && { headers, body: JSON.stringify(body) });
  };

  /** Sends it with the password, and with this device's token, so that nobody who guesses elsewhere is in the way. */
  const sendProven = async (method: string, path: string, body: { current_password: string; new_email?: string }) => {
    const user = (await client.resume()) ?? throws(signedOut());
    await send(method, path, { ...body, device_token: await signIns.deviceToken(user.email) });
    return user;
  };

  /** Takes up what has become of the session. What was done is done, whatever comes of this. */
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
        const { email, currentPassword } = change;
        await sendProven("POST", "/email", { new_email: email, current_password: currentPassword });
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
        const { currentPassword } = proof;
        const { id } = await sendProven("DELETE", "/me", { current_password: currentPassword });
        if (client.user?.id === id) await client.ended(client.status()?.sessionId);
      }),

    ownData: async () => (await send("GET", "/me/data")) as OwnData,
  } satisfies Account);
}
