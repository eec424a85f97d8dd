// @ts-check
/**
 * A hint while somebody types a new password. It is the service's own judgement, which `cargo run` gives at `/_password-check`,
 * so that it can't differ from what happens when the form is sent.
 */
import { client } from "./client.js";
import { styled } from "./elements.js";

const BEFORE = "Several words that only you would put together are easy to keep and hard to guess.";
/** How long somebody must have stopped typing, in milliseconds. */
const PAUSE = 300;

for (const input of document.querySelectorAll("input[autocomplete=new-password]")) hintAt(/** @type {HTMLInputElement} */ (input));

/** @param {HTMLInputElement} input */
function hintAt(input) {
  const hint = styled("p", "hint", BEFORE);
  hint.id = `${input.id}-hint`;
  hint.setAttribute("aria-live", "polite");
  input.setAttribute("aria-describedby", `${hint.id} ${input.getAttribute("aria-describedby")}`);
  input.closest(".field")?.append(hint);
  const show = (/** @type {string} */ text, kind = "") => {
    hint.className = `hint ${kind}`;
    hint.textContent = text;
  };
  const look = async () => {
    const password = input.value;
    const problem = password ? await problemOf(password, input.form) : undefined;
    // What was typed meanwhile has a hint of its own.
    if (input.value !== password) return;
    if (problem === undefined) show(BEFORE);
    else if (problem === null) show("Good: this is hard to guess.", "good");
    else show(`It ${problem}${/[.!?]$/.test(problem) ? "" : "."}`, "bad");
  };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });
  input.form?.addEventListener("reset", () => show(BEFORE));
}

/**
 * The service's objection to a password; `null` means none, and `undefined` that the check is not available here.
 * @param {string} password
 * @param {HTMLFormElement | null} form
 * @returns {Promise<string | null | undefined>}
 */
async function problemOf(password, form) {
  const typed = Object.fromEntries(new FormData(form ?? undefined));
  const { email = client.user?.email, name = client.user?.name } = typed;
  const body = JSON.stringify({ password, email, name });
  const asked = fetch("/_password-check", { method: "POST", headers: { "content-type": "application/json" }, body });
  return asked.then(async (response) => (response.ok ? (await response.json()).problem : undefined), () => undefined);
}
