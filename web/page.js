// @ts-check
/**
 * The page of `cargo run`: the browser client at work. Whatever the service says is shown as text, never as markup.
 *
 * In reading order: signing in and out, the tokens, the weather, the sessions, and what they share.
 */
import { createClient, RatchetError } from "./dist/index.js";

// `/?transport=cookie` leaves the refresh token to the browser, where the service's ALLOWED_ORIGIN is this page's.
const transport = new URLSearchParams(location.search).get("transport") === "cookie" ? "cookie" : "body";
const client = createClient({ baseUrl: location.origin, transport, storage: transport === "cookie" ? "memory" : "local" });

// ---- Signing in and out ----------------------------------------------------------------------------------------------

client.on("signedin", ({ user }) => {
  say("");
  alarm("");
  showUser(user);
});

client.on("signedout", ({ reason, elsewhere }) => {
  showUser(null);
  const text = FAREWELLS[reason];
  if (reason === "logout") say(elsewhere ? "You signed out in another tab." : text);
  else alarm(text);
});

/** @type {Record<import("./dist/index.js").SignedOutReason, string>} */
const FAREWELLS = {
  logout: "You are signed out.",
  ended: "You are signed out, on the devices that you chose.",
  refused: "Your session expired, or was ended elsewhere. Please sign in again.",
  replaced: "Your session has made way for another user's.",
  cleared: "Your session was deleted with this site's data. Please sign in again.",
};

onSubmit("login", (fields) => client.login(fields));
onSubmit("register", (fields) => client.register(fields));
onClick("sign-out", () => client.logout());
onClick("sign-out-everywhere", () => client.sessions.endAll());

/** @param {import("./dist/index.js").User | null} user */
function showUser(user) {
  const hadFocus = document.activeElement !== document.body;
  find("signed-in").hidden = !user;
  find("signed-out").hidden = user !== null;
  find("user-name").textContent = user?.name ?? "";
  find("user-email").textContent = user?.email ?? "";
  find("weather").hidden = true;
  find("sessions").replaceChildren();
  showTokens();
  // What had the focus is gone, so it goes to the head of what has come. Not when the page loads.
  if (hadFocus) find(user ? "signed-in-title" : "signed-out-title").focus();
}

// ---- The tokens ------------------------------------------------------------------------------------------------------

client.on("refreshed", showTokens);
onClick("clear-token", async () => {
  await client.clearAccessToken();
  showTokens();
  say("The access token is gone. The next request refreshes first.");
});
setInterval(showTokens, 500);

/** How long the tokens lived when they were new, for the length of the bars. */
const whole = { access: 1, refresh: 1 };
let isAsking = false;

function showTokens() {
  const status = client.status();
  if (!status) return;
  const { accessTokenExpiresIn, refreshTokenExpiresIn, refreshedAt } = status;
  showLife("access", accessTokenExpiresIn, "expired: the next request refreshes it");
  showLife("refresh", refreshTokenExpiresIn, "expired");
  find("refreshed-at").textContent = refreshedAt.toLocaleTimeString();
  find("refreshed-at").setAttribute("datetime", refreshedAt.toISOString());
  if (refreshTokenExpiresIn === 0) askWhetherItIsOver();
}

/**
 * @param {"access" | "refresh"} token
 * @param {number} seconds
 * @param {string} none
 */
function showLife(token, seconds, none) {
  whole[token] = Math.max(whole[token], seconds);
  const bar = /** @type {HTMLProgressElement} */ (find(`${token}-life`));
  bar.max = whole[token];
  bar.value = seconds;
  find(`${token}-left`).textContent = seconds > 0 ? `${duration(seconds)} left` : none;
}

/**
 * This clock says that the session is over. It may be wrong, so the service is asked, which would renew a session that goes on:
 * `refreshTokenExpiresIn` is 0 only when its time has passed for the service too.
 */
async function askWhetherItIsOver() {
  if (isAsking) return;
  isAsking = true;
  await client.refresh().catch(explain);
  isAsking = false;
}

// ---- The weather -----------------------------------------------------------------------------------------------------

onClick("check-weather", async () => {
  const response = await client.fetch("/weather");
  if (!response.ok) return alarm(`The weather is not to be had: ${response.status}.`);
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

// ---- What they share -------------------------------------------------------------------------------------------------

/** @param {string} id */
function find(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no ${id}`);
  return element;
}

/**
 * @param {string} name
 * @param {...(Node | string | number)} content
 */
function make(name, ...content) {
  const element = document.createElement(name);
  element.append(...content.map((part) => (part instanceof Node ? part : String(part))));
  return element;
}

/** @param {HTMLElement} element */
function quiet(element) {
  element.className = "quiet";
  return element;
}

/** @param {string} text */
function say(text) {
  find("status").textContent = text;
}

/** @param {string} text */
function alarm(text) {
  find("alert").textContent = text;
}

/**
 * @param {string} id
 * @param {() => unknown} action
 */
function onClick(id, action) {
  const button = find(id);
  button.addEventListener("click", () => work(button, action));
}

/**
 * Does something that takes a while, once at a time, and says what goes wrong.
 * @param {HTMLElement} button
 * @param {() => unknown} action
 * @param {(error: unknown) => void} [failed]
 */
async function work(button, action, failed = explain) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  alarm("");
  try {
    await action();
  } catch (error) {
    failed(error);
  } finally {
    button.removeAttribute("aria-busy");
  }
}

/**
 * @param {"login" | "register"} id
 * @param {(fields: { email: string, password: string, name: string }) => Promise<unknown>} action
 */
function onSubmit(id, action) {
  const form = /** @type {HTMLFormElement} */ (find(id));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    for (const input of form.querySelectorAll("input")) showProblem(input, "");
    const button = /** @type {HTMLElement} */ (form.querySelector("button"));
    const send = async () => {
      await action(/** @type {any} */ (Object.fromEntries(new FormData(form))));
      form.reset();
    };
    work(button, send, (error) => explainIn(form, error));
  });
}

/**
 * Shows the service's text at the field that it is about, and takes the person there.
 * @param {HTMLFormElement} form
 * @param {unknown} error
 */
function explainIn(form, error) {
  const name = fieldOf(error);
  const input = name ? form.querySelector(`input[name="${name}"]`) : null;
  if (!(input instanceof HTMLInputElement)) return explain(error);
  showProblem(input, error instanceof Error ? error.message : "");
  input.focus();
}

/** @param {unknown} error */
function fieldOf(error) {
  if (!(error instanceof RatchetError)) return undefined;
  if (error.code === "email_taken") return "email";
  if (error.code === "invalid_credentials") return "password";
  // The description of an `invalid_request` begins with the field's name.
  return error.code === "invalid_request" ? /^(email|password|name) /.exec(error.message)?.[1] : undefined;
}

/**
 * @param {HTMLInputElement} input
 * @param {string} problem
 */
function showProblem(input, problem) {
  find(`${input.id}-error`).textContent = problem;
  if (problem) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
}

/** @param {unknown} error */
function explain(error) {
  if (!(error instanceof RatchetError)) throw error;
  // That the session is over is said by its event.
  if (error.code === "signed_out") return;
  const wait = error.retryAfter ? ` Try again in ${duration(error.retryAfter)}.` : "";
  const stays = client.user ? " You are still signed in." : "";
  alarm(error.message + wait + stays);
}

/** The largest unit of so many seconds, and the next smaller one. @param {number} seconds */
function duration(seconds) {
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

const user = await client.resume();
if (!user) showUser(null);
