// The interface as TypeScript sees it: what must compile, and what must not.
import { type Authorization, createClient, RatchetError, type ErrorCode, type SignedOutReason, type User } from "../dist/index.js";

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

export { renewed, response, stop, user };
