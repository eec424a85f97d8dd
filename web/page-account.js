// @ts-check
/** The account of who is signed in: its address, its name, its password, what is stored about it, and its end. */
import { account, client } from "./page-client.js";
import { alarm, find, onClick, onSubmit, say } from "./page-elements.js";

/** @param {import("./dist/index.js").User | null} user */
export function showProfile(user) {
  find("user-name").textContent = user?.name ?? "";
  find("user-email").textContent = user?.email ?? "";
  find("user-roles").textContent = user?.roles.join(", ") || "none";
  find("claims").hidden = !user?.claims;
  find("user-claims").textContent = Object.entries(user?.claims ?? {}).map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(", ");
  find("unverified").hidden = user?.email_verified !== false;
  // What is stored is shown to who has asked for it, and to nobody after them.
  if (!user) find("own-data").hidden = true;
}

onClick("send-verification", async () => {
  await account.requestVerification();
  say(`A mail with a link is on its way to ${client.user?.email}.`);
});

onSubmit("change-name", async ({ name = "" }) => {
  const user = await account.changeName({ name });
  showProfile(user);
  say(`Your name is ${user.name} now.`);
});

onSubmit("change-password", async ({ current_password: currentPassword = "", new_password: newPassword = "" }) => {
  await client.changePassword({ currentPassword, newPassword });
  say("Your password is changed. All other sessions have ended.");
});

onSubmit("change-email", async ({ new_email: email = "", current_password: currentPassword = "" }) => {
  await account.changeEmail({ email, currentPassword });
  say(`A mail with a link is on its way to ${email}. Until you open it, your address stays as it is.`);
});

onClick("show-data", async () => {
  const data = find("own-data");
  data.textContent = JSON.stringify(await account.ownData(), null, 2);
  data.hidden = false;
  data.focus();
});

onSubmit("delete-account", async ({ current_password: currentPassword = "" }) => {
  await account.deleteAccount({ currentPassword });
  alarm("");
  say("Your account is deleted.");
});
