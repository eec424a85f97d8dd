// @ts-check
/** The user's sessions, on all devices. */
import { client } from "./client.js";
import { onClick, work } from "./actions.js";
import { deviceName } from "./devices.js";
import { ask } from "./dialog.js";
import { duration, find, make, makeButton, styled } from "./elements.js";
import { because } from "./requests.js";

find("sessions").className = "list";
onClick("list-sessions", showSessions);
onClick("end-others", async () => {
  await client.sessions.endOthers();
  await showSessions();
  return "All other sessions have ended.";
});
onClick("sign-out-everywhere", async () => {
  const text = "All your sessions end, on this device and on all others.";
  if (await ask("Sign out everywhere?", text, "Sign out everywhere")) await client.sessions.endAll();
});

/** Shows the sessions of the user, if there is one. Takes away what was shown to the user before. */
export async function showOwnSessions() {
  find("sessions").replaceChildren();
  if (!client.user) return;
  const done = because("The page shows what your account has");
  // Whoever presses the button hears why it failed.
  await showSessions().catch(() => {}).finally(done);
}

async function showSessions() {
  const asking = client.user?.id;
  const { sessions, server_time } = await client.sessions.list();
  if (client.user?.id !== asking) return "";
  const items = sessions.map((session) => {
    const { user_agent, source_ip, current, created_at, last_used_at } = session;
    const name = `${deviceName(user_agent)}${current ? ", this device" : ""}`;
    const times = `Signed in ${duration(server_time - created_at)} ago, used ${duration(server_time - last_used_at)} ago`;
    const title = make("p", make("strong", name));
    title.title = user_agent ?? "";
    const seen = styled("p", "quiet", [times, source_ip].filter(Boolean).join(" · "));
    return make("li", make("div", title, seen), endButton(session));
  });
  find("sessions").replaceChildren(...items);
  return items.length === 1 ? "One session." : `${items.length} sessions.`;
}

/** @param {import("../dist/index.js").SessionInfo} session */
function endButton({ id, current, user_agent }) {
  const button = makeButton("End", current ? "End this session" : `End the session of ${deviceName(user_agent)}`);
  button.addEventListener("click", () =>
    work(button, async () => {
      await client.sessions.end(id);
      if (current) return;
      await showSessions();
      find("sessions-title").focus();
      return "The session has ended.";
    }),
  );
  return button;
}
