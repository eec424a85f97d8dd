// @ts-check
/** The tabs Sign in and Create account, with the keys of the ARIA practices: arrows, Home and End. */
import { find } from "./elements.js";
import { hush } from "./messages.js";

const tabs = /** @type {HTMLButtonElement[]} */ ([...document.querySelectorAll("[role=tab]")]);

/** @param {HTMLButtonElement} chosen */
function choose(chosen) {
  for (const tab of tabs) {
    const isChosen = tab === chosen;
    tab.setAttribute("aria-selected", String(isChosen));
    tab.tabIndex = isChosen ? 0 : -1;
    find(tab.getAttribute("aria-controls") ?? "").hidden = !isChosen;
  }
}

/** Opens the first one again, for the next user. */
export function openSignIn() {
  if (tabs[0]) choose(tabs[0]);
}

for (const [index, tab] of tabs.entries()) {
  tab.addEventListener("click", () => {
    hush();
    choose(tab);
  });
  tab.addEventListener("keydown", (event) => {
    const last = tabs.length - 1;
    const places = { ArrowRight: index === last ? 0 : index + 1, ArrowLeft: index === 0 ? last : index - 1, Home: 0, End: last };
    const next = tabs[places[/** @type {keyof typeof places} */ (event.key)]];
    if (!next) return;
    event.preventDefault();
    choose(next);
    next.focus();
  });
}
