// @ts-check
/**
 * What the link of a mail leads to. Opening it does nothing by itself, since programs open links too: somebody has to press a
 * button. The code is kept in memory alone.
 */
import { readLink } from "../dist/account.js";
import { account, client } from "./client.js";
import { RatchetError } from "../dist/index.js";
import { onSubmit } from "./actions.js";
import { find } from "./elements.js";
import { alarm, isNoRoute } from "./messages.js";

/** Where this browser's half of a registration waits for the mail's half. */
const PENDING = "ratchet-page:registration";

/** What a link asks for: the title, what it says, and what the button says. */
const QUESTIONS = {
  reset: ["Choose a new password", "You are signed out everywhere, and sign in with the new password.", ""],
  invitation: ["Choose a password", "Then you can sign in to your new account.", ""],
  verify: ["Is this your address?", "You must be signed in to the account that the mail is about.", "Yes, it is mine"],
  change_address: ["Is this your new address?", "You must be signed in to the account that the mail is about. All other sessions end.", "Yes, use it from now on"],
  address_changed: ["Bring the old address back?", "You are signed out everywhere, and the password no longer works. A mail to the old address lets you choose another.", "Yes, bring it back"],
  registration: ["Create your account?", "Your address is verified, and you are signed in.", "Yes, create it"],
};

let token = "";
/** @type {import("../dist/account.js").LinkKind} */
let kind = "reset";

/** Shows what the link asks for that has opened this page, if a mail's has. */
export function openLink() {
  const link = readLink();
  if (!link) return;
  ({ kind, token } = link);
  const isPassword = kind === "reset" || kind === "invitation";
  // In another browser than the one that registered, the password takes the place of that one's half.
  const isElsewhere = kind === "registration" && !pending();
  showQuestion();
  find("reset").hidden = !isPassword;
  find("confirm-registration").hidden = !isElsewhere;
  find("use-code").hidden = isPassword || isElsewhere;
  find("link").hidden = false;
  find("link-title").focus();
}

/** Says what the link asks for. Only the service knows whose link it is, and the page whose session it would use. */
export function showQuestion() {
  const [title = "", text = "", button = ""] = QUESTIONS[kind];
  const email = kind === "verify" && client.user?.email;
  find("link-title").textContent = email ? `Is ${email} your address?` : title;
  find("link-text").textContent = email ? "The mail must be about this account, to which you are signed in." : text;
  find("use-code-button").textContent = button;
}

/**
 * Says what is missing for an account that waits for a mail.
 * @param {string} email
 * @param {string} registrationToken
 */
export function awaitMail(email, registrationToken) {
  localStorage.setItem(PENDING, JSON.stringify(registrationToken));
  return `A mail is on its way to ${email}. Open its link in this browser to create the account.`;
}

const pending = () => JSON.parse(localStorage.getItem(PENDING) ?? "null");

/**
 * Says that a missing route is that of a registration.
 * @param {unknown} error
 * @returns {never}
 */
export function throwClosed(error) {
  throw isNoRoute(error) ? new RatchetError("not_found", "This service takes no registrations.") : error;
}

/**
 * Uses the code, unless it has done its work already.
 * @param {string} id
 * @param {(fields: Record<string, string>) => Promise<unknown>} use
 */
function onCode(id, use) {
  onSubmit(id, async (fields) => token && use(fields));
}

onCode("reset", async ({ new_password: password = "" }) => {
  await account.resetPassword({ token, password });
  return done("Your password is changed. Sign in with it.");
});

onCode("confirm-registration", async ({ email = "", password = "" }) => {
  await account.confirmRegistration({ email, password, token }).catch(throwClosed);
  return done("Your account is created.");
});

onCode("use-code", async () => {
  if (!client.user && (kind === "verify" || kind === "change_address")) return alarm("Sign in first. Then press this button again.", find("use-code-button"));
  switch (kind) {
    case "verify":
      await account.verifyEmail({ token });
      return done("Your address is verified.");
    case "change_address":
      await account.confirmEmail({ token });
      return done("Your address is changed. All other sessions have ended.");
    case "address_changed":
      await account.undoEmail({ token });
      return done("The old address is back. A mail is on its way there, with which you can choose a password.");
    case "registration":
      await account.confirmRegistration({ registrationToken: pending(), token }).catch(askForPassword);
      localStorage.removeItem(PENDING);
      return done("Your account is created.");
  }
});

/**
 * This browser's half may be that of another registration. The password proves what it can't.
 * @param {unknown} error
 */
function askForPassword(error) {
  if (isNoRoute(error)) throwClosed(error);
  find("use-code").hidden = true;
  find("confirm-registration").hidden = false;
  throw error;
}

/** @param {string} text */
function done(text) {
  token = "";
  find("link").hidden = true;
  find(client.user ? "signed-in-title" : "signed-out-title").focus();
  return text;
}
