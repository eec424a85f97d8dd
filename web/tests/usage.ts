// The interface as TypeScript sees it: what must compile, and what must not.
import { type Account, accountOf, type Link, readLink, type Registration } from "../dist/account.js";
import { factorsOf } from "../dist/factors.js";
import { passkeysOf, type PasskeyInfo } from "../dist/passkeys.js";
import { type Factor, type Authorization, createClient, RatchetError, type ErrorCode, type SignedOutReason, type User } from "../dist/index.js";

const client = createClient({ baseUrl: "https://auth.example.com", transport: "cookie", origins: ["https://api.example.com"] });
const user: User | null = await client.resume();
const response: Response = await client.fetch("/weather", { method: "POST", body: new FormData() });
const stop: () => void = client.on("signedout", ({ reason }) => explain(reason));
client.on("refreshed", ({ user, elsewhere }) => [user.roles.length, elsewhere === true]);
for (const session of (await client.sessions.list()).sessions) if (!session.current) await client.sessions.end(session.id);

function explain(reason: SignedOutReason): string {
  switch (reason) {
    case "logout":
    case "ended":
    case "refused":
    case "replaced":
    case "cleared":
      return reason;
  }
}

try {
  await client.login({ email: "ada@example.com", password: "correct horse battery" });
} catch (error) {
  if (error instanceof RatchetError) {
    const code: ErrorCode = error.code;
    console.log(code, error.status?.toFixed(), error.retryAfter?.toFixed());
  }
}

createClient({ baseUrl: location.origin, storage: sessionStorage });
createClient({
  baseUrl: new URL(location.href),
  storage: { getItem: async () => null, setItem: async () => {}, removeItem: async () => {} },
});

/** The headers of axios, as its types have them: an object with methods, or a plain one. */
declare const axios: {
  status: number;
  headers: Record<string, string | number | undefined> | { get(name: string, parser?: RegExp): string | number | boolean | null };
  data: unknown;
};
const renewed: Authorization | null = (await (await client.authorize("/weather"))?.renew(axios)) ?? null;

// @ts-expect-error there is no such event
client.on("expired", () => {});
// @ts-expect-error the set of reasons is closed
explain("bored");
// @ts-expect-error baseUrl is missing
createClient({});
// @ts-expect-error no such transport
createClient({ baseUrl: "https://auth.example.com", transport: "pigeon" });
// @ts-expect-error a user may be missing
client.user.name.toString();

// The entry for accounts.
const account: Account = accountOf(client);
const registration: Registration = await account.register({ email: "ada@example.com", password: "correct horse battery", name: "Ada" });
if (registration.pending) {
  await account.confirmRegistration({ registrationToken: registration.registrationToken, token: "code" });
  // @ts-expect-error nobody is signed in while a registration is pending
  registration.user.name;
} else {
  const verified: boolean = registration.user.email_verified;
  console.log(verified, (await account.ownData()).account.email_verified_at?.toFixed());
}
const link: Link | null = readLink();
if (link?.kind === "reset") await account.resetPassword({ token: link.token, password: "nanoseconds of copper wire" });
const codes: ErrorCode[] = ["invalid_code", "too_many_mails"];

// @ts-expect-error a registration is confirmed by a half of its own and that of the mail
account.confirmRegistration({ token: "code" });
// @ts-expect-error no such kind of link
if (link?.kind === "password_changed") console.log(link);
// @ts-expect-error what the entry is built upon is no part of the client
client.signIns;

// Second factors and passkeys.
const kinds: readonly Factor[] = new RatchetError("mfa_required", "", { factors: ["totp"] }).factors ?? [];
await client.login({ email: "ada@example.com", password: "correct horse battery", totp: "123456" });
const recoveryCodes: string[] = (await factorsOf(client).confirmTotp({ code: "123456" })).recoveryCodes;
const passkey: PasskeyInfo = await passkeysOf(client).create({ currentPassword: "correct horse battery", name: "Laptop" });
// @ts-expect-error a code is one of an app or one of the recovery codes
client.login({ email: "ada@example.com", password: "correct horse battery", code: "123456" });
// @ts-expect-error no such factor
kinds.includes("sms");

export { codes, kinds, passkey, recoveryCodes, renewed, response, stop, user };
