// @ts-check
/** A dialog for the input of an action: a name, or a proof of identity. */
import { onSubmit, showFactor } from "./actions.js";
import { find } from "./elements.js";
import { say } from "./messages.js";

/**
 * What is asked: with `name`, the name of before, for another one; for a proof otherwise. What is said once it is done stands near
 * `near`, which gets the focus.
 * @typedef {{ title: string, text?: string, button: string, isDanger?: boolean, name?: string, near: HTMLElement }} Question
 */

const dialog = /** @type {HTMLDialogElement} */ (find("proof"));
const form = /** @type {HTMLFormElement} */ (find("prove"));

/** @type {{ near: HTMLElement | null, action: (fields: Record<string, string>) => Promise<string> }} */
let asked = { near: null, action: async () => "" };

/**
 * Asks, and acts once somebody has answered. The dialog stays open while that fails.
 * @param {Question} question
 * @param {(fields: Record<string, string>) => Promise<string>} action returns what to say
 */
export function prove({ title, text = "", button, isDanger = false, name, near }, action) {
  asked = { near, action };
  form.reset();
  showFactor(form, false);
  find("proof-title").textContent = title;
  find("proof-text").textContent = text;
  find("proof-button").textContent = button;
  find("proof-button").className = isDanger ? "danger" : "primary";
  find("proof-name-field").hidden = name === undefined;
  find("proof-password-field").hidden = name !== undefined;
  /** @type {HTMLInputElement} */ (find("prove-name")).value = name ?? "";
  dialog.showModal();
  find(name === undefined ? "prove-current-password" : "prove-name").focus();
}

find("proof-cancel").addEventListener("click", () => dialog.close());

onSubmit("prove", async (fields) => {
  const { near, action } = asked;
  const text = await action(fields);
  dialog.close();
  near?.focus();
  say(text, near);
});
