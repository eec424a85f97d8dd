// @ts-check
/** What the service has: second factors and passkeys are a deployer's choice, and the page shows neither where there is none. */

/** Passkeys are of a domain, so a page that is opened by an IP address has none. At this machine there is another name for it. */
const isOfDomain = !/^[\d.]+$|^\[/.test(location.hostname);

/** @returns {Promise<{ hasTotp: boolean, hasPasskeys: boolean, hasPasskeysAt: string }>} `hasPasskeysAt` is where, if not here */
async function ask() {
  const response = await fetch("/.well-known/openid-configuration");
  const { ratchet_totp_enabled, ratchet_passkeys_enabled } = await response.json();
  const hasPasskeys = ratchet_passkeys_enabled === true;
  const hasPasskeysAt = hasPasskeys && location.hostname === "127.0.0.1" ? location.origin.replace("127.0.0.1", "localhost") : "";
  return { hasTotp: ratchet_totp_enabled === true, hasPasskeys: hasPasskeys && isOfDomain, hasPasskeysAt };
}

export const features = ask().catch(() => ({ hasTotp: false, hasPasskeys: false, hasPasskeysAt: "" }));
