// @ts-check
/** The client of the page, and what it can do to an account. */
import { accountOf } from "./dist/account.js";
import { createClient } from "./dist/index.js";

// `/?transport=cookie` leaves the refresh token to the browser, where the service's ALLOWED_ORIGIN is this page's.
const transport = new URLSearchParams(location.search).get("transport") === "cookie" ? "cookie" : "body";
export const client = createClient({ baseUrl: location.origin, transport, storage: transport === "cookie" ? "memory" : "local" });
export const account = accountOf(client);
