// @ts-check
/**
 * The page of `cargo run`: the browser client at work. Whatever the service says is shown as text, never as markup.
 *
 * In reading order: signing in and out is here; then `page-tokens.js`, `page-session.js`, `page-account.js`, `page-links.js` for
 * the links of mails, and `page-elements.js`, which they share.
 */
import { account, client } from "./page-client.js";
import { alarm, find, isAtWork, onClick, onSubmit, say } from "./page-elements.js";
import { showProfile } from "./page-account.js";
import { awaitMail, openLink, throwClosed } from "./page-links.js";
import { hideResults } from "./page-session.js";
import { showTokens } from "./page-tokens.js";

client.on("signedin", ({ user }) => {
  say("");
  alarm("");
  showUser(user);
});

client.on("refreshed", ({ user }) => showProfile(user));

client.on("signedout", ({ reason, elsewhere }) => {
  showUser(null);
  const text = FAREWELLS[reason];
  if (reason === "logout") say(elsewhere ? "You signed out in another tab." : text);
  else alarm(text);
});

/** @type {Record<import("./dist/index.js").SignedOutReason, string>} */
const FAREWELLS = {
  logout: "You are signed out.",
  ended: "You are signed out, on the devices that you chose.",
  refused: "Your session expired, or was ended elsewhere. Please sign in again.",
  replaced: "Your session has made way for another user's.",
  cleared: "Your session was deleted with this site's data. Please sign in again.",
};

onSubmit("login", ({ email = "", password = "" }) => client.login({ email, password }));
onSubmit("register", async ({ email = "", password = "", name = "" }) => {
  const registration = await account.register({ email, password, name }).catch(throwClosed);
  if (registration.pending) awaitMail(email, registration.registrationToken);
});
onSubmit("forgot", async ({ email = "" }) => {
  await account.requestPasswordReset({ email });
  say(`If ${email} has an account, a mail with a link is on its way there.`);
});
onClick("sign-out", () => client.logout());
onClick("sign-out-everywhere", () => client.sessions.endAll());

/** @param {import("./dist/index.js").User | null} user */
function showUser(user) {
  const isOther = find("signed-in").hidden === (user !== null);
  const hadFocus = document.activeElement !== document.body || isAtWork();
  find("signed-in").hidden = !user;
  find("signed-out").hidden = user !== null;
  hideResults();
  showProfile(user);
  showTokens();
  // What had the focus is gone, so it goes to the head of what has come. Not when the page loads.
  if (hadFocus && isOther) find(user ? "signed-in-title" : "signed-out-title").focus();
}

// Only a service on this machine has an inbox, and only if it sends mail.
fetch("/_inbox", { method: "HEAD" }).then(({ ok }) => (find("inbox").hidden = !ok), () => {});

openLink();
addEventListener("hashchange", openLink);
const user = await client.resume();
if (!user) showUser(null);
