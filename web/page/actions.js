// @ts-check
/** What happens when somebody presses a button or sends a form. */
import { RatchetError } from "../dist/index.js";
import { find } from "./elements.js";
import { explain, hush, say, sentenceOf } from "./messages.js";
import { because } from "./requests.js";

/**
 * @param {string} id
 * @param {() => unknown} action returns what to say, if anything, as all actions do
 */
export function onClick(id, action) {
  const button = /** @type {HTMLButtonElement} */ (find(id));
  button.addEventListener("click", () => work(button, action));
}

/** Whether something that somebody asked for is being done. Its button can't have the focus meanwhile. */
export function isAtWork() {
  return document.querySelector("[aria-busy]") !== null;
}

/**
 * Does something that takes a while, once at a time, and says what comes of it.
 * @param {HTMLButtonElement} button
 * @param {() => unknown} action
 * @param {(error: unknown, near: Element) => void} [failed]
 */
export async function work(button, action, failed = explain) {
  if (button.disabled || button.getAttribute("aria-disabled") === "true") return;
  const hadFocus = document.activeElement === button;
  // A button of a list may be gone when its work is done; its card is not.
  const head = button.closest("form, .card")?.firstElementChild;
  const near = () => (button.isConnected ? button : (head ?? button));
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  hush();
  const done = because(`You pressed “${button.textContent?.trim()}”`);
  try {
    const text = await action();
    if (typeof text === "string" && text) say(text, near());
  } catch (error) {
    failed(error, near());
  } finally {
    done();
    button.removeAttribute("aria-busy");
    button.disabled = false;
    if (hadFocus && document.activeElement === document.body) button.focus();
  }
}

/**
 * @param {string} id
 * @param {(fields: Record<string, string>) => Promise<unknown>} action gets what was typed, by the names of the inputs
 */
export function onSubmit(id, action) {
  const form = /** @type {HTMLFormElement} */ (find(id));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    for (const input of form.querySelectorAll("input")) showProblem(input, "");
    const button = /** @type {HTMLButtonElement} */ (form.querySelector("button:not([type])"));
    const send = async () => {
      const text = await action(/** @type {any} */ (Object.fromEntries(new FormData(form))));
      form.reset();
      showFactor(form, false);
      return text;
    };
    work(button, send, (error, near) => explainIn(form, error, near));
  });
}

/** Empties all forms, and closes what was opened to show them. */
export function clearForms() {
  for (const form of document.forms) {
    form.reset();
    showFactor(form, false);
    for (const input of form.querySelectorAll("input")) showProblem(input, "");
  }
  for (const part of document.querySelectorAll("details:not(.of-token)")) part.removeAttribute("open");
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
}

/** What the service calls what the field for a second factor takes. */
const FACTORS = ["totp", "recovery_code"];

/**
 * Shows the service's text at the field that it is about, and takes the person there.
 * @param {HTMLFormElement} form
 * @param {unknown} error
 * @param {Element} near
 */
function explainIn(form, error, near) {
  const isQuestion = error instanceof RatchetError && error.code === "mfa_required";
  if (isQuestion) showFactor(form, true);
  const inputs = fieldsOf(error).map((name) => form.querySelector(`.field:not([hidden]) > input[name="${name}"]`));
  const input = inputs.find((input) => input instanceof HTMLInputElement);
  if (!input || !(error instanceof Error)) return explain(error, near);
  if (!isQuestion) showProblem(input, sentenceOf(error));
  input.focus();
}

/**
 * The names that the field may have which an error is about.
 * @param {unknown} error
 * @returns {string[]}
 */
function fieldsOf(error) {
  if (!(error instanceof RatchetError)) return [];
  if (error.code === "email_taken") return ["email", "new_email"];
  if (error.code === "invalid_credentials") return ["current_password", "password"];
  if (error.code === "invalid_code") return ["code", "factor"];
  if (error.code === "mfa_required") return ["factor"];
  if (error.code !== "invalid_request") return [];
  // The description of an `invalid_request` begins with the field's name.
  const names = /^[a-z_]+(?= )/.exec(error.message) ?? [];
  return names.some((name) => FACTORS.includes(name)) ? ["factor"] : [...names];
}

/**
 * Shows or hides the field for a second factor, if the form has one.
 * @param {HTMLFormElement} form
 * @param {boolean} isShown
 */
export function showFactor(form, isShown) {
  const input = form.querySelector("input[name=factor]");
  const field = input?.closest(".field");
  if (!(input instanceof HTMLInputElement) || !(field instanceof HTMLElement)) return;
  input.value = "";
  field.hidden = !isShown;
  form.classList.toggle("asks-factor", isShown);
}

/**
 * Returns the proof of identity that was typed. A code of an app has six digits.
 * @param {Record<string, string>} fields
 */
export function proofOf({ current_password: currentPassword = "", factor = "" }) {
  const code = factor.replace(/\s/g, "");
  return { ...(currentPassword && { currentPassword }), ...factorOf(code) };
}

/** @param {string} code */
export function factorOf(code) {
  if (!code) return {};
  return /^\d{6}$/.test(code) ? { totp: code } : { recoveryCode: code };
}

/**
 * @param {HTMLInputElement} input
 * @param {string} problem
 */
function showProblem(input, problem) {
  const place = document.getElementById(`${input.id}-error`);
  if (!place) return;
  place.textContent = problem;
  if (problem) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
}
