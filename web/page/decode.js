// @ts-check
/** The content of the tokens, for people to read. Nothing is verified here: that is for the receiver of a token. */

/** Claims that are times, in seconds since the Unix epoch. */
const TIMES = ["exp", "iat", "nbf", "auth_time"];

/**
 * The header and the claims of a JWT (RFC 7519).
 * @param {string} token
 * @returns {[string, string][]}
 */
export function decodeAccessToken(token) {
  const [header = "", claims = ""] = token.split(".");
  const { alg, kid, typ } = parse(header);
  const shown = Object.entries(parse(claims)).map(([name, value]) => /** @type {[string, string]} */ ([name, textOf(name, value)]));
  return [["typ, alg", `${typ}, ${alg}`], ["kid", String(kid)], ...shown];
}

/** @param {string} part */
const parse = (part) => JSON.parse(new TextDecoder().decode(bytesOf(part)));

/**
 * @param {string} name
 * @param {unknown} value
 */
function textOf(name, value) {
  if (TIMES.includes(name) && typeof value === "number") return `${value} (${new Date(value * 1000).toLocaleTimeString()})`;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/**
 * The 64 bytes of a refresh token, as ARCHITECTURE.md has them. What makes it a secret is not shown.
 * @param {string} token
 * @returns {[string, string][]}
 */
export function decodeRefreshToken(token) {
  const bytes = bytesOf(token);
  if (bytes.length !== 64) return [["bytes", String(bytes.length)]];
  const [first = 0, second = 0, third = 0] = bytes.subarray(33, 36);
  return [
    ["user id", uuid(bytes.subarray(0, 16))],
    ["session id", uuid(bytes.subarray(16, 32))],
    ["key id", String(bytes[32])],
    ["generation", `${first * 65536 + second * 256 + third}: how often the session was refreshed`],
    ["nonce", "12 bytes that only the table knows besides"],
    ["tag", "16 bytes that only the service can make"],
  ];
}

/** @param {Uint8Array} bytes */
function uuid(bytes) {
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** @param {string} text in base64url */
function bytesOf(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
}
