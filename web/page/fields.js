// @ts-check
/** What each field has besides its label: a place for what is wrong with it, and for a password a button that shows it. */
import { makeButton, styled } from "./elements.js";

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
  // What was sent is hidden again, also from who looks at the screen later.
  input.form?.addEventListener("submit", () => show(false));
  input.form?.addEventListener("reset", () => show(false));
  return button;
}
