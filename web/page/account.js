// @ts-check
/** The account of the signed-in user: address, name, password, stored data, and deletion. */
import { account, client } from "./client.js";
import { onClick, onSubmit, proofOf } from "./actions.js";
import { find, styled } from "./elements.js";

/** @param {import("../dist/index.js").User | null} user */
export function showProfile(user) {
  const isVerified = user?.email_verified !== false;
  for (const id of ["user-name", "account-name"]) find(id).textContent = user?.name ?? "";
  find("user-email").textContent = user?.email ?? "";
  find("account-email").replaceChildren(user?.email ?? "", " ", styled("span", isVerified ? "tag good" : "tag", isVerified ? "verified" : "not verified"));
  find("user-roles").textContent = user?.roles.join(", ") || "none";
  const claims = Object.entries(user?.claims ?? {});
  find("user-claims").textContent = claims.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(", ");
  find("claims").hidden = claims.length === 0;
  find("unverified").hidden = isVerified;
  // The stored data are shown only to the user who has requested them.
  if (user) return;
  find("own-data").hidden = true;
  find("own-data").textContent = "";
}

onClick("send-verification", async () => {
  await account.requestVerification();
  return `A mail with a link is on its way to ${client.user?.email}.`;
});

onSubmit("change-name", async ({ name = "" }) => {
  const user = await account.changeName({ name });
  showProfile(user);
  return `Your name is ${user.name} now.`;
});

onSubmit("change-password", async ({ new_password: newPassword = "", ...fields }) => {
  await client.changePassword({ currentPassword: "", newPassword, ...proofOf(fields) });
  return "Your password is changed. All other sessions have ended.";
});

onSubmit("change-email", async ({ new_email: email = "", ...fields }) => {
  await account.changeEmail({ email, currentPassword: "", ...proofOf(fields) });
  return `A mail with a link is on its way to ${email}. Until you open it, your address stays as it is.`;
});

onClick("show-data", async () => {
  const data = find("own-data");
  data.textContent = JSON.stringify(await account.ownData(), null, 2);
  data.hidden = false;
  data.focus();
});

onSubmit("delete-account", async (fields) => {
  await account.deleteAccount({ currentPassword: "", ...proofOf(fields) });
  return "Your account is deleted.";
});
