// @ts-check
/** What the page does when a route asks for more than the session has proved (RFC 9470): it asks for that, and tries again. */
import { RatchetError } from "../dist/index.js";
import { client } from "./client.js";
import { proofOf } from "./actions.js";
import { find } from "./elements.js";
import { prove } from "./proof.js";

/**
 * Does something, and does it again after a sign-in with a second factor if that is what is missing.
 * @param {string} title the id of the heading near which it is told
 * @param {() => Promise<string | undefined>} action
 */
export async function withStepUp(title, action) {
  return action().catch((error) => {
    const { user } = client;
    if (!user || !(error instanceof RatchetError) || error.code !== "insufficient_user_authentication") throw error;
    const question = { title: "Is it you?", text: error.message, button: "Continue", near: find(title) };
    prove(question, async (fields) => {
      const { currentPassword: password = "", ...factor } = proofOf(fields);
      await client.login({ email: user.email, password, ...factor });
      return (await action()) ?? "";
    });
    return "";
  });
}
