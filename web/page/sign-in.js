// @ts-check
/** How a session begins, and how it ends here. */
import { RatchetError } from "../dist/index.js";
import { account, client } from "./client.js";
import { factorOf, onClick, onSubmit, showFactor } from "./actions.js";
import { find } from "./elements.js";
import { awaitMail, throwClosed } from "./links.js";

onSubmit("login", async ({ email = "", password = "", factor = "" }) => {
  const code = factor.replace(/\s/g, "");
  await client.login({ email, password, ...factorOf(code) }).catch((error) => throwWrongCode(error, code));
});

/**
 * The password has been found right before, so it is the code that is wrong. A form that asks for one shows nothing else.
 * @param {unknown} error
 * @param {string} code
 * @returns {never}
 */
function throwWrongCode(error, code) {
  if (!(error instanceof RatchetError)) throw error;
  if (error.code === "mfa_required") find("login-back").hidden = false;
  if (error.code !== "invalid_credentials" || !code) throw error;
  throw new RatchetError("invalid_code", "The code is wrong, or was used before.");
}

find("login-back").addEventListener("click", () => {
  showFactor(/** @type {HTMLFormElement} */ (find("login")), false);
  find("login-back").hidden = true;
  find("login-email").focus();
});
find("login").addEventListener("reset", () => (find("login-back").hidden = true));

onSubmit("register", async ({ email = "", password = "", name = "" }) => {
  const registration = await account.register({ email, password, name }).catch(throwClosed);
  if (registration.pending) return awaitMail(email, registration.registrationToken);
});

onSubmit("forgot", async ({ email = "" }) => {
  await account.requestPasswordReset({ email });
  return `If ${email} has an account, a mail with a link is on its way there.`;
});

onClick("sign-out", () => client.logout());
