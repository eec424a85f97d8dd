/** Ratchet's passkeys (Web Authentication, level 3): a sign-in without a password, and the list of a user's passkeys. */
import type { PasskeyInfo, Proof } from "./account-api.js";
import { explained, ignore } from "./errors.js";
import type { Client, User } from "./index.js";
import { memberOf, partsOf, proofOf } from "./proven.js";
import { reasonOf } from "./waiting.js";
import { type Authenticator, authenticatorOf } from "./webauthn.js";

export type { PasskeyInfo, Proof } from "./account-api.js";
export { type Authenticator, supportsAutofill, supportsPasskeys } from "./webauthn.js";

/** Passkeys. If the service has none, methods reject with `not_found`. */
export interface Passkeys {
  /** Returns the user's passkeys, the oldest first. */
  list(): Promise<PasskeyInfo[]>;
  /**
   * Makes a passkey, once the user has agreed in the browser's dialog. All other sessions end, and this browser continues with
   * a new one. Right after a sign-in with a passkey no other proof is needed.
   */
  create(passkey: Proof & { name?: string; signal?: AbortSignal }): Promise<PasskeyInfo>;
  /** Renames a passkey. */
  rename(passkey: { id: string; name: string }): Promise<PasskeyInfo>;
  /** Removes a passkey. All other sessions end. The last passkey of an account without a password cannot be removed:
   * `last_factor`. */
  remove(passkey: Proof & { id: string }): Promise<void>;
  /**
   * Signs in with a passkey, without an address. With `conditional` the browser offers passkeys in the list of a field
   * with `autocomplete="username webauthn"`, and this waits until one is chosen, which may be never: abort it with `signal`.
   * It yields to any other call that opens a dialog, and continues afterwards.
   */
  signIn(how?: { conditional?: boolean; signal?: AbortSignal }): Promise<User>;
}

/** A challenge is replaced after this share of its lifetime. */
const LIFE = 0.9;

/**
 * Returns the passkeys of a client's user, and a sign-in with one.
 *
 * @param authenticator replaces the browser's own, for tests.
 * @throws {RatchetError} with the code `misconfigured` if the client was not made by this package's `createClient`.
 */
export function passkeysOf(client: Client, authenticator: Partial<Authenticator> = {}): Passkeys {
  const { client: parts, send, sendProven } = partsOf(client, "passkeysOf");
  const { create, get } = authenticatorOf(authenticator);
  /** Ends the wait of a conditional sign-in, because a browser can only ask for one thing at a time. */
  let makeWay = () => {};
  let dialog: Promise<unknown> = Promise.resolve();

  /** Opens a dialog of the browser. */
  const open = <T>(ask: () => Promise<T>) => {
    makeWay();
    const asked = ask();
    dialog = asked.catch(ignore);
    return asked;
  };

  /** Requests a challenge, lets the authenticator answer it, and sends the answer. */
  const signIn = async (signal: AbortSignal | undefined, how: CredentialRequestOptions = {}, watch?: (seconds: number) => void) => {
    const { challenge_id, public_key, expires_in } = await parts.service.post("/passkeys/options", {}, challengeOf);
    watch?.(expires_in);
    const credential = await get(public_key, { ...how, ...(signal && { signal }) });
    return parts.signIns.signIn("/passkeys/sign-in", { challenge_id, credential });
  };

  /** Waits until a passkey is chosen from a field's list, however often a challenge expires or a dialog is opened
   * meanwhile. */
  const wait = async (signal: AbortSignal | undefined): Promise<User> => {
    for (;;) {
      const turn = new AbortController();
      const end = () => turn.abort();
      let timer: ReturnType<typeof setTimeout> | undefined;
      makeWay = end;
      signal?.addEventListener("abort", end);
      try {
        if (signal?.aborted) throw reasonOf(signal);
        const watch = (seconds: number) => void (timer = setTimeout(end, seconds * 1000 * LIFE));
        return await signIn(turn.signal, { mediation: "conditional" }, watch);
      } catch (error) {
        if (signal?.aborted) throw reasonOf(signal);
        if (!turn.signal.aborted) throw error;
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener("abort", end);
      }
      await dialog;
      if (parts.user) return parts.user;
    }
  };

  return Object.freeze({
    list: async () => memberOf(await send("GET", "/passkeys"), "passkeys"),

    create: (passkey) =>
      explained(
        () =>
          open(async () => {
            const { name, signal } = passkey;
            const { answer } = await sendProven("POST", "/passkeys/creation-options", proofOf(passkey));
            const { challenge_id, public_key } = challengeOf(answer);
            const credential = await create(public_key, signal ? { signal } : {});
            let info = null as PasskeyInfo | null;
            await parts.replace("/passkeys", { challenge_id, name, credential }, {
              read: (tokens) => (answer: any, sent) => {
                info = answer?.passkey;
                return tokens(answer, sent);
              },
            });
            return memberOf({ passkey: info }, "passkey");
          }),
        passkey?.signal,
      ),

    rename: (passkey) =>
      explained(async () => {
        const { id, name } = passkey;
        return (await send("PUT", pathOf(id), { name })) as PasskeyInfo;
      }),

    remove: (passkey) =>
      explained(async () => void (await parts.replace(pathOf(passkey.id), proofOf(passkey), { method: "DELETE" }))),

    signIn: (how) => {
      const { conditional = false, signal } = how ?? {};
      return explained(() => (conditional ? wait(signal) : open(() => signIn(signal))), signal);
    },
  } satisfies Passkeys);
}

const challengeOf = (answer: any) => memberOf(answer, "public_key") && answer;

/** A text that is not an id could be another path. */
function pathOf(id: string): string {
  if (!/^[\w-]+$/.test(id)) throw new Error("no such id");
  return `/passkeys/${id}`;
}
