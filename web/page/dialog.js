// @ts-check
/** Asks before something that can't be undone. */
import { find } from "./elements.js";

/**
 * Whether somebody says yes.
 * @param {string} title
 * @param {string} text
 * @param {string} yes
 */
export async function ask(title, text, yes) {
  const dialog = /** @type {HTMLDialogElement} */ (find("ask"));
  find("ask-title").textContent = title;
  find("ask-text").textContent = text;
  find("ask-yes").textContent = yes;
  // Escape leaves it as it was.
  dialog.returnValue = "no";
  dialog.showModal();
  find("ask-no").focus();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  return dialog.returnValue === "yes";
}
