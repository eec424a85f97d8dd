// @ts-check
/** The page's elements, and how long something lasts in words. */

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

/**
 * The same with a class.
 * @param {string} name
 * @param {string} className
 * @param {...(Node | string | number)} content
 */
export function styled(name, className, ...content) {
  const element = make(name, ...content);
  element.className = className;
  return element;
}

/**
 * A button that is not in the page from the beginning.
 * @param {string} text
 * @param {string} [name] what a screen reader says instead
 */
export function makeButton(text, name) {
  const button = /** @type {HTMLButtonElement} */ (make("button", text));
  button.type = "button";
  if (name) button.setAttribute("aria-label", name);
  return button;
}

/**
 * Fills a list of names and values.
 * @param {HTMLElement} list
 * @param {[string, Node | string | number][]} pairs
 */
export function fillPairs(list, pairs) {
  list.className = "parts";
  list.replaceChildren(...pairs.map(([name, value]) => make("div", make("dt", name), make("dd", value))));
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
