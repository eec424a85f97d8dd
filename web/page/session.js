// @ts-check
/** What somebody who is signed in does with a session: a protected request, and the list of all sessions. */
import { client } from "./page-client.js";
import { alarm, duration, find, make, onClick, quiet, say, waitOf, work } from "./page-elements.js";

/** Hides what was shown to the user before. */
export function hideResults() {
  find("weather").hidden = true;
  find("sessions").replaceChildren();
}

// ---- The weather -----------------------------------------------------------------------------------------------------

onClick("check-weather", async () => {
  const response = await client.fetch("/weather");
  const { ok, status, headers } = response;
  if (!ok) return alarm(`The weather is not to be had: ${status}.${waitOf(Number(headers.get("retry-after")))}`);
  const rows = (await response.json()).map((/** @type {any} */ day) => {
    const cells = [day.date, day.temperature_c, day.temperature_f, day.summary].map((value) => make("td", value));
    return make("tr", ...cells);
  });
  find("weather").querySelector("tbody")?.replaceChildren(...rows);
  find("weather").hidden = false;
  say(`The weather of ${rows.length} days, as of ${new Date().toLocaleTimeString()}.`);
});

// ---- The sessions ----------------------------------------------------------------------------------------------------

onClick("list-sessions", showSessions);
onClick("end-others", async () => {
  await client.sessions.endOthers();
  await showSessions();
  say("All other sessions have ended.");
});

async function showSessions() {
  const { sessions, server_time } = await client.sessions.list();
  const items = sessions.map((session) => {
    const seen = `Signed in ${duration(server_time - session.created_at)} ago, used ${duration(server_time - session.last_used_at)} ago`;
    const where = [session.user_agent, session.source_ip].filter(Boolean).join(", ") || "An unknown device";
    const what = make("div", make("p", session.current ? `This session: ${where}` : where), quiet(make("p", seen)));
    return make("li", what, endButton(session));
  });
  find("sessions").replaceChildren(...items);
  say(items.length === 1 ? "One session." : `${items.length} sessions.`);
}

/** @param {import("./dist/index.js").SessionInfo} session */
function endButton({ id, current, user_agent }) {
  const button = /** @type {HTMLButtonElement} */ (make("button", "End"));
  button.setAttribute("aria-label", current ? "End this session" : `End the session of ${user_agent || "an unknown device"}`);
  button.addEventListener("click", () =>
    work(button, async () => {
      await client.sessions.end(id);
      if (current) return;
      await showSessions();
      find("sessions-title").focus();
      say("The session has ended.");
    }),
  );
  return button;
}
