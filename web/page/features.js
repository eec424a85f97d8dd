// @ts-check
/** What the service has: second factors and passkeys are a deployer's choice, and the page shows neither where there is none. */

/** @returns {Promise<{ hasTotp: boolean, hasPasskeys: boolean }>} */
async function ask() {
  const response = await fetch("/.well-known/openid-configuration");
  const { ratchet_totp_enabled, ratchet_passkeys_enabled } = await response.json();
  return { hasTotp: ratchet_totp_enabled === true, hasPasskeys: ratchet_passkeys_enabled === true };
}

export const features = ask().catch(() => ({ hasTotp: false, hasPasskeys: false }));
