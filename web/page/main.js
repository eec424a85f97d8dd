// @ts-check
/**
 * The page of `cargo run`: what its client does, for people to see and try. Whatever the service says is shown as text, never
 * as markup.
 *
 * In reading order: the signed-in user is here; `sign-in.js` begins sessions; then come the cards, `weather.js`, `requests.js`,
 * `tokens.js`, `account.js`, `factors.js`, `passkeys.js` and `sessions.js`; `links.js` has the links of mails. What they share: `elements.js`, `fields.js`,
 * `messages.js` and `actions.js`.
 */
import "./fields.js";
import "./strength.js";
import "./weather.js";
import { client } from "./client.js";
import { isAtWork } from "./actions.js";
import { showProfile } from "./account.js";
import { showAddress } from "./address.js";
import { find } from "./elements.js";
import { showFactors } from "./factors.js";
import { openLink } from "./links.js";
import { alarm, hush, say } from "./messages.js";
import { showPasskeys } from "./passkeys.js";
import { because } from "./requests.js";
import { hideSessions } from "./sessions.js";
import { openSignIn } from "./tabs.js";
import { showParts, showTokens } from "./tokens.js";
import "./sign-in.js";

client.on("signedin", ({ user }) => {
  hush();
  showUser(user);
});

client.on("refreshed", ({ user }) => showProfile(user));

client.on("signedout", ({ reason, elsewhere }) => {
  showUser(null);
  const text = FAREWELLS[reason];
  if (reason === "logout") say(elsewhere ? "You signed out in another tab." : text);
  else alarm(text);
});

/** @type {Record<import("../dist/index.js").SignedOutReason, string>} */
const FAREWELLS = {
  logout: "You are signed out.",
  ended: "You are signed out, on the devices that you chose.",
  refused: "Your session expired, or was ended elsewhere. Please sign in again.",
  replaced: "Another user has signed in, which ended your session.",
  cleared: "Your session was deleted with this site's data. Please sign in again.",
};

/** @param {import("../dist/index.js").User | null} user */
function showUser(user) {
  const isOther = find("signed-in").hidden === (user !== null);
  const hadFocus = document.activeElement !== document.body || isAtWork();
  find("signed-in").hidden = !user;
  find("sign-out").hidden = !user;
  find("signed-out").hidden = user !== null;
  find("weather").hidden = true;
  hideSessions();
  if (!user && isOther) openSignIn();
  showProfile(user);
  showTokens();
  showParts();
  showFactors();
  showPasskeys();
  showAddress(user !== null);
  // What had the focus is gone, so it goes to the head of what has come. Not when the page loads.
  if (hadFocus && isOther) find(user ? "signed-in-title" : "signed-out-title").focus();
}

// Only a service on this machine has an inbox, and only if it sends mail.
fetch("/_inbox", { method: "HEAD" }).then(({ ok }) => (find("inbox").hidden = !ok), () => {});

openLink();
addEventListener("hashchange", openLink);
const opened = because("The page was opened");
const user = await client.resume().finally(opened);
if (!user) showUser(null);
