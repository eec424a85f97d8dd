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
import { client } from "./client.js";
import { clearForms, isAtWork } from "./actions.js";
import { showProfile } from "./account.js";
import { showAddress } from "./address.js";
import { find } from "./elements.js";
import { showFactors } from "./factors.js";
import { openLink, showQuestion } from "./links.js";
import { alarm, hush, say } from "./messages.js";
import { showPasskeys } from "./passkeys.js";
import { because, forgetRequests } from "./requests.js";
import { showOwnSessions } from "./sessions.js";
import { openSignIn } from "./tabs.js";
import { showParts, showTokens } from "./tokens.js";
import { hideWeather } from "./weather.js";
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

/** Whose page this is. */
let owner = "";

/** @param {import("../dist/index.js").User | null} user */
function showUser(user) {
  forgetOthers(user?.id ?? "");
  const isOther = find("signed-in").hidden === (user !== null);
  const hadFocus = document.activeElement !== document.body || isAtWork();
  find("signed-in").hidden = !user;
  find("sign-out").hidden = !user;
  find("signed-out").hidden = user !== null;
  hideWeather();
  if (!user && isOther) openSignIn();
  showProfile(user);
  showQuestion();
  showTokens();
  showParts();
  showOwnSessions();
  showFactors();
  showPasskeys();
  showAddress(user !== null);
  // What had the focus is gone, so it goes to the head of what has come. Not when the page loads.
  if (hadFocus && isOther) find(user ? "signed-in-title" : "signed-out-title").focus();
}

/**
 * Takes away what another user has typed or was shown: the next one may be somebody else at the same device.
 * @param {string} id of the user who comes, if any
 */
function forgetOthers(id) {
  if (id === owner) return;
  clearForms();
  // Nobody has no log, and the log of a sign-in belongs to whoever signs in.
  if (owner) forgetRequests();
  owner = id;
}

// Only a service on this machine has an inbox, and only if it sends mail.
fetch("/_inbox", { method: "HEAD" }).then(({ ok }) => (find("inbox").hidden = !ok), () => {});

openLink();
addEventListener("hashchange", openLink);
const opened = because("The page was opened");
const user = await client.resume().finally(opened);
if (!user) showUser(null);
