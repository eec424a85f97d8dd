// @ts-check
/** What the parts of the page share: its elements, what it says, and what happens when somebody acts. */
import { RatchetError } from "./dist/index.js";
import { client } from "./page-client.js";

// ---- Elements --------------------------------------------------------------------------------------------------------

/** @param {string} id */
export function find(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no ${id}`);
  return element;
}

/**
 * @param {string} name
 * @param {...(Node | string | number)} content
 */
export function make(name, ...content) {
  const element = document.createElement(name);
  element.append(...content.map((part) => (part instanceof Node ? part : String(part))));
  return element;
}

/** @param {HTMLElement} element */
export function quiet(element) {
  element.className = "quiet";
  return element;
}

// ---- What is said ----------------------------------------------------------------------------------------------------

/** @param {string} text */
export function say(text) {
  find("status").textContent = text;
}

/** @param {string} text */
export function alarm(text) {
  find("alert").textContent = text;
}

/** @param {unknown} error */
export function explain(error) {
  if (!(error instanceof RatchetError)) throw error;
  // That the session is over is said by its event.
  if (error.code === "signed_out") return;
  const stays = client.user ? " You are still signed in." : "";
  alarm((isNoRoute(error) ? "This service sends no mail." : error.message) + waitOf(error.retryAfter) + stays);
}

/** When to try again. @param {number | undefined} seconds */
export function waitOf(seconds) {
  return seconds ? ` Try again in ${duration(seconds)}.` : "";
}

/** Whether the service has not got a route that this page asks for. All of those but registration need mail. @param {unknown} error */
export function isNoRoute(error) {
  return error instanceof RatchetError && error.code === "not_found" && error.message.endsWith("route.");
}

/** The largest unit of so many seconds, and the next smaller one. @param {number} seconds */
export function duration(seconds) {
  const rest = Math.max(0, Math.ceil(seconds));
  /** @type {[number, string][]} */
  const units = [
    [Math.floor(rest / 86400), "d"],
    [Math.floor(rest / 3600) % 24, "h"],
    [Math.floor(rest / 60) % 60, "min"],
    [rest % 60, "s"],
  ];
  const largest = units.findIndex(([count]) => count > 0);
  const shown = largest < 0 ? [] : units.slice(largest, largest + 2).filter(([count]) => count > 0);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(" ") || "0 s";
}

// ---- What somebody does ----------------------------------------------------------------------------------------------

/**
 * @param {string} id
 * @param {() => unknown} action
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
 * Does something that takes a while, once at a time, and says what goes wrong.
 * @param {HTMLButtonElement} button
 * @param {() => unknown} action
 * @param {(error: unknown) => void} [failed]
 */
export async function work(button, action, failed = explain) {
  if (button.disabled) return;
  const hadFocus = document.activeElement === button;
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  alarm("");
  try {
    await action();
  } catch (error) {
    failed(error);
  } finally {
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
    const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
    const send = async () => {
      await action(/** @type {any} */ (Object.fromEntries(new FormData(form))));
      form.reset();
    };
    work(button, send, (error) => explainIn(form, error));
  });
}

/**
 * Shows the service's text at the field that it is about, and takes the person there.
 * @param {HTMLFormElement} form
 * @param {unknown} error
 */
function explainIn(form, error) {
  const inputs = fieldsOf(error).map((name) => form.querySelector(`input[name="${name}"]`));
  const input = inputs.find((input) => input instanceof HTMLInputElement);
  if (!input || !(error instanceof Error)) return explain(error);
  showProblem(input, error.message.replace(/^[a-z_]+/, (name) => name.replace("_", " ")));
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
  // The description of an `invalid_request` begins with the field's name.
  return error.code === "invalid_request" ? (/^[a-z_]+(?= )/.exec(error.message) ?? []) : [];
}

/**
 * @param {HTMLInputElement} input
 * @param {string} problem
 */
function showProblem(input, problem) {
  find(`${input.id}-error`).textContent = problem;
  if (problem) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
}
