// @ts-check
/** Two-step sign-in: an authenticator app and its recovery codes. */
import { factorsOf } from "../dist/factors.js";
import { client } from "./client.js";
import { onClick, onSubmit, proofOf } from "./actions.js";
import { find, make } from "./elements.js";
import { features } from "./features.js";
import { qrCode } from "./qr.js";
import { because } from "./requests.js";

const factors = factorsOf(client);
/** Whose factors are shown. */
let owner = "";

/** Shows which factors the user has, where the service has any. Takes away what was shown of another user. */
export async function showFactors() {
  if (owner !== client.user?.id) {
    hideSecrets();
    hideCodes();
    find("factors").hidden = true;
  }
  owner = client.user?.id ?? "";
  if (!client.user || !(await features).hasTotp) return;
  const done = because("The page shows what your account has");
  await refresh().catch(() => {}).finally(done);
}

async function refresh() {
  const { totp, recovery_codes_left } = await factors.list();
  const since = totp && new Date(totp.added_at * 1000).toLocaleDateString();
  find("totp-state").textContent = totp ? `Set up on ${since}` : "Not set up";
  find("enrol-totp-button").textContent = totp ? "Set up another app" : "Set up an app";
  find("recovery-state").textContent = recovery_codes_left === 1 ? "1 code left" : `${recovery_codes_left} codes left`;
  find("recovery").hidden = !totp;
  find("totp-removal").hidden = !totp;
  find("factors").hidden = false;
}

onSubmit("enrol-totp", async (fields) => {
  const { secret, uri } = await factors.enrolTotp(proofOf(fields));
  find("qr-code").replaceChildren(qrCode(uri));
  find("totp-link").setAttribute("href", uri);
  // In groups of four it is easier to type. Apps ignore the spaces.
  find("totp-secret").textContent = secret.replace(/(.{4})(?=.)/g, "$1 ");
  find("enrol-totp").hidden = true;
  find("confirm-totp").hidden = false;
  find("confirm-totp-code").focus();
});

onSubmit("confirm-totp", async ({ code = "" }) => {
  const { recoveryCodes } = await factors.confirmTotp({ code: code.replace(/\s/g, "") });
  hideSecrets();
  await refresh();
  showCodes(recoveryCodes);
  return "The app is set up. All other sessions have ended.";
});

onSubmit("new-recovery-codes", async (fields) => {
  const { recoveryCodes } = await factors.newRecoveryCodes(proofOf(fields));
  await refresh();
  showCodes(recoveryCodes);
});

onSubmit("remove-totp", async (fields) => {
  await factors.removeTotp(proofOf(fields));
  await refresh();
  find("factors-title").focus();
  return "The app is removed. All other sessions have ended.";
});

function hideSecrets() {
  find("qr-code").replaceChildren();
  find("totp-secret").textContent = "";
  find("totp-link").removeAttribute("href");
  find("enrol-totp").hidden = false;
  find("confirm-totp").hidden = true;
}

// ---- Recovery codes --------------------------------------------------------------------------------------------------

/** @type {string[]} */
let shown = [];

/** @param {string[]} codes */
function showCodes(codes) {
  shown = codes;
  find("recovery-code-list").replaceChildren(...codes.map((code) => make("li", make("code", code))));
  find("recovery-codes").hidden = false;
  find("recovery-codes").focus();
}

function hideCodes() {
  shown = [];
  find("recovery-code-list").replaceChildren();
  find("recovery-codes").hidden = true;
}

onClick("copy-codes", async () => {
  await navigator.clipboard.writeText(shown.join("\n"));
  return "The codes are copied.";
});
onClick("print-codes", () => print());
onClick("codes-kept", () => {
  hideCodes();
  find("factors-title").focus();
});
