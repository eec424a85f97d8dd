// @ts-check
/** How a session begins, and how it ends here. */
import { account, client } from "./client.js";
import { onClick, onSubmit } from "./actions.js";
import { awaitMail, throwClosed } from "./links.js";

onSubmit("login", async ({ email = "", password = "" }) => void (await client.login({ email, password })));

onSubmit("register", async ({ email = "", password = "", name = "" }) => {
  const registration = await account.register({ email, password, name }).catch(throwClosed);
  if (registration.pending) return awaitMail(email, registration.registrationToken);
});

onSubmit("forgot", async ({ email = "" }) => {
  await account.requestPasswordReset({ email });
  return `If ${email} has an account, a mail with a link is on its way there.`;
});

onClick("sign-out", () => client.logout());
