// @ts-check
/** Passkeys: a sign-in with one, and those of the user. */
import { RatchetError } from "../dist/index.js";
import { passkeysOf, supportsAutofill, supportsPasskeys } from "../dist/passkeys.js";
import { client } from "./client.js";
import { onClick, onSubmit, proofOf } from "./actions.js";
import { deviceName } from "./devices.js";
import { duration, find, make, makeButton, styled } from "./elements.js";
import { features } from "./features.js";
import { explain } from "./messages.js";
import { prove } from "./proof.js";
import { because } from "./requests.js";

const passkeys = passkeysOf(client);

// ---- Signing in ------------------------------------------------------------------------------------------------------

/** Ends the wait for a passkey that the browser fills in. */
let stop = new AbortController();

/** Offers passkeys if nobody is signed in, and the service and the browser support them. */
async function offer() {
  stop.abort();
  const { signal } = (stop = new AbortController());
  if (client.user || !(await features).hasPasskeys || !supportsPasskeys()) return;
  find("passkey-offer").hidden = false;
  find("login-email").setAttribute("autocomplete", "username webauthn");
  if (signal.aborted || !(await supportsAutofill())) return;
  await passkeys.signIn({ conditional: true, signal }).catch((error) => signal.aborted || isCancelled(error) || explain(error));
}

onClick("passkey-sign-in", async () => {
  await passkeys.signIn().catch((error) => {
    if (!isCancelled(error)) throw error;
  });
});

/** Returns whether the user has closed the browser's dialog, which needs no message. @param {unknown} error */
const isCancelled = (error) => error instanceof RatchetError && error.code === "passkey_cancelled";

features.then(({ hasPasskeysAt }) => {
  find("passkeys-elsewhere").hidden = !hasPasskeysAt;
  find("passkeys-link").setAttribute("href", `${hasPasskeysAt}/`);
  find("passkeys-link").textContent = hasPasskeysAt;
});

// ---- The user's own --------------------------------------------------------------------------------------------------

find("passkey-list").className = "list";
/** Whose passkeys are shown. */
let owner = "";

/** Shows what passkeys are good for now: a sign-in, or those of the user. */
export async function showPasskeys() {
  if (owner !== client.user?.id) {
    find("passkeys").hidden = true;
    find("passkey-list").replaceChildren();
  }
  owner = client.user?.id ?? "";
  void offer();
  if (!client.user || !(await features).hasPasskeys) return;
  const done = because("The page shows what your account has");
  await refresh().catch(() => {}).finally(done);
}

async function refresh() {
  const list = await passkeys.list();
  find("passkey-list").replaceChildren(...list.map(itemOf));
  find("passkeys").hidden = false;
  /** @type {HTMLInputElement} */ (find("add-passkey-name")).placeholder = deviceName(navigator.userAgent);
}

const REMOVAL = "It no longer signs you in. Right after a sign-in with a passkey you need no password for this.";

/** @param {import("../dist/passkeys.js").PasskeyInfo} passkey */
function itemOf({ id, name, created_at, last_used_at, backed_up }) {
  const ago = (/** @type {number} */ time) => `${duration(Date.now() / 1000 - time)} ago`;
  const used = last_used_at ? `used ${ago(last_used_at)}` : "not used yet";
  const facts = [`Added ${ago(created_at)}`, used, ...(backed_up ? ["on all your devices"] : [])].join(", ");
  const rename = makeButton("Rename", `Rename ${name}`);
  const remove = makeButton("Remove", `Remove ${name}`);
  remove.className = "danger";
  rename.addEventListener("click", () =>
    prove({ title: `Rename ${name}`, button: "Rename", name, near: find("passkeys-title") }, async (fields) => {
      await passkeys.rename({ id, name: fields["name"] ?? "" });
      await refresh();
      return "The passkey has another name.";
    }),
  );
  remove.addEventListener("click", () =>
    prove({ title: `Remove ${name}?`, text: REMOVAL, button: "Remove", isDanger: true, near: find("passkeys-title") }, async (fields) => {
      await passkeys.remove({ id, ...proofOf(fields) });
      await refresh();
      return "The passkey is removed. All other sessions have ended.";
    }),
  );
  const buttons = styled("div", "actions", rename, remove);
  return make("li", make("div", make("p", make("strong", name)), styled("p", "quiet", facts)), buttons);
}

onSubmit("add-passkey", async ({ name = "", ...fields }) => {
  const called = name || deviceName(navigator.userAgent);
  const passkey = await passkeys.create({ name: called, ...proofOf(fields) }).catch((error) => {
    if (!isCancelled(error)) throw error;
  });
  if (!passkey) return "";
  await refresh();
  return `${passkey.name} is added. All other sessions have ended.`;
});
