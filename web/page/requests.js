// @ts-check
/**
 * The log of requests: what was sent, in groups of what belongs together, with what made each request happen.
 *
 * A browser can't tell which action a request belongs to, so it is the newest that is under way.
 */
import { find, make, styled } from "./elements.js";

const LONGEST = 30;

/** @typedef {{ chain: HTMLElement, sent: { line: string, status: number }[] }} Group */

/** The groups of what is under way, the newest last. @type {{ cause: string, group: Group | null }[]} */
const underWay = [];
/** Why the next refresh happens, where the page knows. */
let reason = "";

/**
 * Says why the next requests are sent, until the returned function is called.
 * @param {string} cause
 */
export function because(cause) {
  const action = { cause, group: null };
  underWay.push(action);
  return () => void underWay.splice(underWay.indexOf(action), 1);
}

/** Says why the next refresh will be needed. @param {string} text */
export function explainNextRefresh(text) {
  reason = text;
}

/** Empties the log, for the next user. */
export function forgetRequests() {
  find("requests").replaceChildren();
  reason = "";
}

/** Notes what happened without a request of this tab. @param {string} cause */
export function note(cause) {
  addGroup(cause);
}

/**
 * `fetch` that notes each request.
 * @param {typeof fetch} send
 * @returns {typeof fetch}
 */
export const recorded = (send) => async (input, init) => {
  const { method, url } = input instanceof Request ? input : { method: init?.method ?? "GET", url: String(input) };
  const { pathname, search } = new URL(url, location.href);
  const line = `${method.toUpperCase()} ${pathname}${search}`;
  const group = currentGroup(pathname);
  const entry = { line, status: 0 };
  const outcome = styled("span", "outcome", "…");
  const request = styled("div", "request", make("code", line), " ", outcome);
  const why = whyOf(group, line, pathname);
  if (why) request.append(make("small", why));
  group.sent.push(entry);
  group.chain.append(make("li", request));
  try {
    const response = await send(input, init);
    entry.status = response.status;
    outcome.textContent = String(response.status);
    outcome.classList.add(response.ok ? "good" : "bad");
    return response;
  } catch (error) {
    outcome.textContent = "no answer";
    outcome.classList.add("bad");
    throw error;
  }
};

/** @param {string} path */
function currentGroup(path) {
  const action = underWay.at(-1);
  if (!action) return addGroup(path.endsWith("/passkeys/options") ? "The browser may fill in a passkey" : "The client, by itself");
  return (action.group ??= addGroup(action.cause));
}

/**
 * @param {string} cause
 * @returns {Group}
 */
function addGroup(cause) {
  const chain = styled("ol", "chain");
  chain.setAttribute("role", "list");
  const now = new Date();
  const time = make("time", now.toLocaleTimeString());
  time.setAttribute("datetime", now.toISOString());
  const list = find("requests");
  list.prepend(make("li", styled("p", "cause", make("span", cause), time), chain));
  while (list.children.length > LONGEST) list.lastElementChild?.remove();
  return { chain, sent: [] };
}

/**
 * The reason for a request that no user action has caused.
 * @param {Group} group
 * @param {string} line
 * @param {string} path
 */
function whyOf({ sent }, line, path) {
  const before = sent.filter((request) => request.line === line).at(-1);
  const isRefresh = path.endsWith("/refresh");
  if (isRefresh && before) return "tried again";
  if (isRefresh) return takeReason(sent.at(-1)?.status === 401 ? "the token was refused" : "the token is missing, due or over");
  return before?.status === 401 ? "sent again with the new token" : "";
}

/** @param {string} otherwise */
function takeReason(otherwise) {
  const text = reason || otherwise;
  reason = "";
  return text;
}
