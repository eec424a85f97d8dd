// @ts-check
/** The tokens of the session, and how long they live. */
import { client } from "./page-client.js";
import { duration, explain, find, onClick, say } from "./page-elements.js";

client.on("refreshed", showTokens);
onClick("clear-token", async () => {
  await client.clearAccessToken();
  showTokens();
  say("The access token is gone. The next request refreshes first.");
});
setInterval(showTokens, 500);

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
  await client.refresh().catch(explain);
  isAsking = false;
}
