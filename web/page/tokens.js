// @ts-check
/** The tokens of the session: how long they live, and what is in them. */
import { client, isCookie, spoilNextToken } from "./client.js";
import { onClick } from "./actions.js";
import { decodeAccessToken, decodeRefreshToken } from "./decode.js";
import { duration, fillPairs, find } from "./elements.js";
import { explain } from "./messages.js";
import { because, explainNextRefresh, note } from "./requests.js";

client.on("signedin", showParts);
client.on("refreshed", ({ elsewhere }) => {
  if (elsewhere) note("Another tab has refreshed the token");
  showTokens();
  showParts();
});
onClick("clear-token", async () => {
  await client.clearAccessToken();
  explainNextRefresh("the token was cleared");
  showTokens();
  return "The access token is gone. The next request refreshes first.";
});
onClick("spoil-token", () => {
  spoilNextToken();
  return "The next request is sent with a damaged token, which the service refuses.";
});
setInterval(showTokens, 500);
// What is in the tokens is folded where it would stand before everything else.
const wide = matchMedia("(min-width: 60rem)");
const fold = () => document.querySelectorAll("details.of-token").forEach((part) => part.toggleAttribute("open", wide.matches));
wide.addEventListener("change", fold);
fold();

/** How long the tokens lived when they were new, for the length of the bars. */
const whole = { access: 1, refresh: 1 };
let isAsking = false;

export function showTokens() {
  const status = client.status();
  if (!status) return;
  const { accessTokenExpiresIn, refreshTokenExpiresIn, refreshedAt } = status;
  showLife("access", accessTokenExpiresIn, "expired: the next request refreshes it");
  showLife("refresh", refreshTokenExpiresIn, "expired");
  find("refreshed-at").textContent = refreshedAt.toLocaleTimeString();
  find("refreshed-at").setAttribute("datetime", refreshedAt.toISOString());
  if (refreshTokenExpiresIn === 0) askWhetherItIsOver();
}

/**
 * @param {"access" | "refresh"} token
 * @param {number} seconds
 * @param {string} none
 */
function showLife(token, seconds, none) {
  whole[token] = Math.max(whole[token], seconds);
  const bar = /** @type {HTMLProgressElement} */ (find(`${token}-life`));
  bar.max = whole[token];
  bar.value = seconds;
  find(`${token}-left`).textContent = seconds > 0 ? `${duration(seconds)} left` : none;
}

/**
 * This clock says that the session is over. It may be wrong, so the service is asked, which would renew a session that goes on:
 * `refreshTokenExpiresIn` is 0 only when its time has passed for the service too.
 */
async function askWhetherItIsOver() {
  if (isAsking) return;
  isAsking = true;
  const done = because("The session should be over by now");
  await client.refresh().catch((error) => explain(error));
  done();
  isAsking = false;
}

/** Shows what is in the tokens. Without a user nothing is left of them. */
export async function showParts() {
  const stored = client.user && !isCookie ? storedSession() : null;
  // With the cookie nothing is stored. A token that is not due is given without a request.
  const isFresh = (client.status()?.refreshAfter ?? 0) > 0;
  const authorization = isFresh ? await client.authorize(location.href).catch(() => null) : null;
  const accessToken = stored?.access_token || authorization?.accessToken;
  fillPairs(find("access-claims"), accessToken ? decodeAccessToken(accessToken) : []);
  const refreshToken = stored?.refresh_token;
  fillPairs(
    find("refresh-parts"),
    refreshToken ? decodeRefreshToken(refreshToken) : [["kept", "in a cookie that no script can read"]],
  );
}

/**
 * What the client has stored of the session, under the name that it takes unless it is given another. Nobody but a page that
 * shows how things work should look.
 */
function storedSession() {
  return JSON.parse(localStorage.getItem(`ratchet:${location.origin}/`) ?? "null");
}
