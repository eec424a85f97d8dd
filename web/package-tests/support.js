/** A page in which the code of the README runs, and the network below it. */
import { Window } from "happy-dom";
import { Network } from "../tests/support.js";

/** Where the code of the README expects the service, as `prepare.js` writes it. */
export const API = "https://auth.example.com";

/** What that code and its frameworks use of a browser. Requests go through a `Network`, to the service at this address. */
export function openPage(serviceUrl, html, more = []) {
  const window = new Window({ url: "https://app.example.com/" });
  window.document.body.innerHTML = html;
  const network = new Network();
  const fetch = (input, init) => {
    const { origin, pathname, search, href } = new URL(input, window.location.href);
    return network.fetch(origin === API ? serviceUrl + pathname + search : href, init);
  };
  const names = ["document", "localStorage", "history", "location", "Node", "Event", "Element", "HTMLElement", "HTMLIFrameElement"];
  const own = [...names, ...more].map((name) => [name, window[name]]);
  for (const [name, value] of [["window", window], ["fetch", fetch], ...own]) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  return { window, network, body: window.document.body, find: (selector) => window.document.querySelector(selector) };
}

/** Waits for something that only other tasks stand between; far longer than they take. */
export async function until(condition) {
  const patience = AbortSignal.timeout(30_000);
  while (!condition()) {
    patience.throwIfAborted();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Fills the form to sign in and sends it. */
export function signInWith({ find, window }, { email, password }) {
  find("[type=email]").value = email;
  find("[type=password]").value = password;
  find("form").dispatchEvent(new window.SubmitEvent("submit", { bubbles: true, cancelable: true }));
}
