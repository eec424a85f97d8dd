// @ts-check
/**
 * What the page says. It stands where somebody acted: each form and each card has a place for it, and what is said in one takes
 * away what was said in another before.
 */
import { RatchetError } from "../dist/index.js";
import { client } from "./client.js";
import { duration, find, make, styled } from "./elements.js";

// A region that is there from the beginning is read aloud when something is said in it.
for (const button of document.querySelectorAll("form:not([method]) button:not([type])")) {
  (button.closest(".actions") ?? button).before(styled("div", "messages"));
}
for (const place of document.querySelectorAll(".messages")) {
  for (const role of ["alert", "status"]) {
    const region = make("p");
    region.setAttribute("role", role);
    place.append(region);
  }
}

/** Ends the wait of the last message, if it has one. */
let stopWaiting = () => {};

/**
 * Says that something is done.
 * @param {string} text
 * @param {Element | null} [near] what somebody acted upon
 */
export function say(text, near) {
  tell("status", text, near);
}

/**
 * Says that something is wrong.
 * @param {string} text
 * @param {Element | null} [near]
 * @param {{ seconds?: number | undefined, stays?: string }} [more] when to try again, and what is said after that
 */
export function alarm(text, near, { seconds, stays = "" } = {}) {
  const region = tell("alert", text, near);
  if (!seconds) return void region.append(stays);
  const isOver = hold(near);
  const until = performance.now() + seconds * 1000;
  const wait = styled("span", "wait");
  // Not read aloud again each second.
  wait.setAttribute("aria-live", "off");
  const count = () => {
    const left = (until - performance.now()) / 1000;
    if (left <= 0) return say("You can try again now.", near);
    wait.textContent = ` Try again in ${duration(left)}.`;
  };
  const timer = setInterval(count, 1000);
  stopWaiting = () => {
    clearInterval(timer);
    isOver();
    stopWaiting = () => {};
  };
  count();
  region.append(wait, stays);
}

/**
 * Holds a button that would be refused, for as long as the message says so. It keeps the focus, and `work` ignores it. Another
 * address may be that of another account, which need not wait.
 * @param {Element | null} [near]
 * @returns {() => void} ends that
 */
function hold(near) {
  if (!(near instanceof HTMLButtonElement)) return () => {};
  const release = () => near.removeAttribute("aria-disabled");
  near.setAttribute("aria-disabled", "true");
  near.form?.querySelector("input[name=email]")?.addEventListener("input", release, { once: true });
  return release;
}

/** Takes away what was said. */
export function hush() {
  stopWaiting();
  for (const region of document.querySelectorAll(".messages p")) region.replaceChildren();
}

/**
 * @param {"alert" | "status"} role
 * @param {string} text
 * @param {Element | null} [near]
 */
function tell(role, text, near) {
  hush();
  const region = /** @type {HTMLElement} */ (placeOf(near).querySelector(`[role=${role}]`));
  region.append(text);
  return region;
}

/** The place for messages nearest to an element that is still shown. @param {Element | null | undefined} near */
function placeOf(near) {
  for (let around = near?.parentElement; around; around = around.parentElement) {
    if (around.closest("[hidden], dialog:not([open])")) continue;
    const place = around.querySelector(":scope > .messages");
    if (place && around.matches("form, details, .card, .well, #welcome, #passkey-offer")) return place;
  }
  const home = find("signed-in").hidden ? find("signed-out") : find("welcome");
  return /** @type {Element} */ (home.querySelector(":scope > .messages"));
}

/**
 * Says what a failure means.
 * @param {unknown} error
 * @param {Element | null} [near]
 */
export function explain(error, near) {
  if (!(error instanceof RatchetError)) throw error;
  // That the session is over is said by its event.
  if (error.code === "signed_out") return;
  const stays = client.user ? " You are still signed in." : "";
  alarm(isNoRoute(error) ? "This service sends no mail." : sentenceOf(error), near, { seconds: error.retryAfter, stays });
}

/** The text of an error for people: that of an `invalid_request` begins with the name of a field. @param {Error} error */
export function sentenceOf({ message }) {
  const text = message.replace(/^[a-z_]+/, (name) => name.replaceAll("_", " "));
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Whether the service has not got a route that this page asks for. All of those but registration need mail. @param {unknown} error */
export function isNoRoute(error) {
  return error instanceof RatchetError && error.code === "not_found" && error.message.endsWith("route.");
}
