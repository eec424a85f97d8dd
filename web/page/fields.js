// @ts-check
/**
 * What each field has besides its label: a place for what is wrong with it, and for a password a button that shows it. Each form
 * that asks for the present password has a field for a second factor too, which is shown once the service asks for one.
 */
import { make, makeButton, styled } from "./elements.js";

for (const input of document.querySelectorAll("input[name=current_password], #login-password")) {
  const form = input.closest("form");
  if (form) input.closest(".field")?.after(codeField(form.id));
}

/** @param {string} form */
function codeField(form) {
  const label = make("label", "Code of your app, or a recovery code");
  const input = /** @type {HTMLInputElement} */ (make("input"));
  input.id = `${form}-factor`;
  input.name = "factor";
  input.autocomplete = "one-time-code";
  label.setAttribute("for", input.id);
  const field = styled("div", "field", label, input);
  field.hidden = true;
  return field;
}

for (const input of document.querySelectorAll("input")) {
  const error = styled("p", "error");
  error.id = `${input.id}-error`;
  input.setAttribute("aria-describedby", error.id);
  input.closest(".field")?.append(error);
  if (input.type === "password") input.after(revealing(input));
}

/** @param {HTMLInputElement} input */
function revealing(input) {
  const button = makeButton("Show", "Show password");
  button.className = "reveal";
  button.setAttribute("aria-pressed", "false");
  button.setAttribute("aria-controls", input.id);
  const show = (/** @type {boolean} */ isShown) => {
    input.type = isShown ? "text" : "password";
    button.textContent = isShown ? "Hide" : "Show";
    button.setAttribute("aria-pressed", String(isShown));
  };
  button.addEventListener("click", () => show(input.type === "password"));
  // A submitted password is hidden again, so that nobody reads it on the screen later.
  input.form?.addEventListener("submit", () => show(false));
  input.form?.addEventListener("reset", () => show(false));
  return button;
}
