// @ts-check
/** Protected requests: the weather, and the one that asks for a second factor in this session. */
import { client } from "./client.js";
import { onClick } from "./actions.js";
import { find, make, styled } from "./elements.js";
import { features } from "./features.js";
import { alarm } from "./messages.js";
import { withStepUp } from "./step-up.js";

/** The buttons, and what each asks for. */
const ROUTES = { "check-weather": "/weather", "check-confidential": "/weather/confidential" };
for (const [id, path] of Object.entries(ROUTES)) onClick(id, () => withStepUp("weather-title", () => showWeather(path)));
features.then(({ hasTotp, hasPasskeys }) => (find("check-confidential").hidden = !hasTotp && !hasPasskeys));

/** Takes away what was shown before. */
export function hideWeather() {
  find("weather").hidden = true;
  find("weather").querySelector("tbody")?.replaceChildren();
}

/**
 * @param {string} path
 * @returns {Promise<string | undefined>}
 */
async function showWeather(path) {
  const response = await client.fetch(path);
  const { ok, status, headers } = response;
  if (!ok) {
    const seconds = Number(headers.get("retry-after"));
    return void alarm(`The weather is not available: ${status}.`, find("check-weather"), { seconds });
  }
  const rows = (await response.json()).map((/** @type {any} */ { date, temperature_c, temperature_f, summary }) => {
    const day = new Date(`${date}T12:00`).toLocaleDateString(undefined, { weekday: "short", month: "short", day: "numeric" });
    const number = (/** @type {number} */ value) => styled("td", "number", value);
    return make("tr", make("td", day), number(temperature_c), number(temperature_f), make("td", summary));
  });
  find("weather").querySelector("tbody")?.replaceChildren(...rows);
  find("weather").hidden = false;
  return `The weather of ${rows.length} days, as of ${new Date().toLocaleTimeString()}.`;
}
