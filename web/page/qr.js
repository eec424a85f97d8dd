// @ts-check
/** A QR code, drawn here: its text leaves this page for no other. */
import { encode } from "./uqr.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * Draws a text. The quiet zone around it is four modules wide (ISO/IEC 18004).
 * @param {string} text
 */
export function qrCode(text) {
  const { data, size } = encode(text, { border: 4 });
  const rows = /** @type {boolean[][]} */ (data);
  const squares = rows.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : [])));
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", squares.join(""));
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.append(path);
  return svg;
}
