// @ts-check
/** What a device is called, as far as its browser tells. */

/** The first that fits is it: each but the last names itself beside those that it resembles. @type {[RegExp, string][]} */
const BROWSERS = [
  [/\bEdg(e|A|iOS)?\//, "Edge"],
  [/\b(OPR|OPX|Opera)\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\b(HeadlessChrome|Chrome|CriOS|Chromium)\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];

/** @type {[RegExp, string][]} */
const SYSTEMS = [
  [/\bAndroid\b/, "Android"],
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bWindows\b/, "Windows"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bMac OS X\b|\bMacintosh\b/, "macOS"],
  [/\bLinux\b/, "Linux"],
];

/** @param {string | null | undefined} userAgent */
export function deviceName(userAgent) {
  if (!userAgent) return "An unknown device";
  const named = (/** @type {[RegExp, string][]} */ names) => names.find(([pattern]) => pattern.test(userAgent))?.[1];
  // A program, such as curl/8.5.0, says its own name first.
  const browser = named(BROWSERS) ?? /^[^\s/(]{1,40}/.exec(userAgent)?.[0] ?? "An unknown program";
  const system = named(SYSTEMS);
  return system ? `${browser} on ${system}` : browser;
}
