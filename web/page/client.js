// @ts-check
/** The client of the page, and what it can do to an account. */
import { accountOf } from "../dist/account.js";
import { createClient } from "../dist/index.js";
import { recorded } from "./requests.js";

/** Whether the next request with an access token is sent with one that the service refuses, to show what follows. */
let isToSpoil = false;

export function spoilNextToken() {
  isToSpoil = true;
}

/** @type {typeof fetch} */
const send = (input, init) => {
  const headers = new Headers(init?.headers);
  if (!isToSpoil || !headers.has("authorization")) return fetch(input, init);
  isToSpoil = false;
  headers.set("authorization", "Bearer spoilt");
  return fetch(input, { ...init, headers });
};

// `/?transport=cookie` leaves the refresh token to the browser, where the service's ALLOWED_ORIGIN is this page's.
export const isCookie = new URLSearchParams(location.search).get("transport") === "cookie";
export const client = createClient({
  baseUrl: location.origin,
  transport: isCookie ? "cookie" : "body",
  storage: isCookie ? "memory" : "local",
  fetch: recorded(send),
});
export const account = accountOf(client);
