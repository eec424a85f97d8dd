/**
 * Web Authentication with JSON: passes the service's options to the browser, and the browser's answer back. If the browser has
 * `parseCreationOptionsFromJSON` and its like (2025), those convert; otherwise the members that are bytes are converted here.
 */
import { RatchetError } from "./errors.js";
/** Returns whether the browser has passkeys. */
export const supportsPasskeys = () => typeof globalThis.PublicKeyCredential === "function" && !!globalThis.navigator?.credentials;
/** Returns whether the browser offers passkeys in the list of a field. */
export const supportsAutofill = async () => supportsPasskeys() && (await PublicKeyCredential.isConditionalMediationAvailable?.()) === true;
/** Returns the browser's authenticators, with replacements for some of them. */
export function authenticatorOf(given) {
    const { create = own.create, get = own.get } = given;
    return {
        create: (options, asking) => answered(create(options, asking), asking.signal),
        get: (options, asking) => answered(get(options, asking), asking.signal),
    };
}
const own = {
    create: async (options, asking) => toJson(await container().create({ publicKey: creationOptions(options), ...asking })),
    get: async (options, asking) => toJson(await container().get({ publicKey: requestOptions(options), ...asking })),
};
function container() {
    if (supportsPasskeys())
        return navigator.credentials;
    throw new RatchetError("passkey_unsupported", "This browser has no passkeys here.");
}
/** Converts the browser's error to the client's. */
async function answered(asked, signal) {
    try {
        return await asked;
    }
    catch (error) {
        const { name, message } = error;
        if (signal?.aborted || error instanceof RatchetError)
            throw error;
        const [code, text] = REASONS[name] ?? ["passkey_unsupported", message];
        throw new RatchetError(code, text, { cause: error });
    }
}
const CANCELLED = ["passkey_cancelled", "No passkey was chosen."];
const REASONS = {
    NotAllowedError: CANCELLED,
    AbortError: CANCELLED,
    InvalidStateError: ["passkey_exists", "This device already has a passkey of this account."],
};
function creationOptions(json) {
    if (PublicKeyCredential.parseCreationOptionsFromJSON)
        return PublicKeyCredential.parseCreationOptionsFromJSON(json);
    const { challenge, user, excludeCredentials } = json;
    const bytes = { challenge: toBytes(challenge), user: { ...user, id: toBytes(user.id) } };
    return { ...json, ...bytes, excludeCredentials: excludeCredentials?.map(toDescriptor) };
}
function requestOptions(json) {
    if (PublicKeyCredential.parseRequestOptionsFromJSON)
        return PublicKeyCredential.parseRequestOptionsFromJSON(json);
    const { challenge, allowCredentials } = json;
    return { ...json, challenge: toBytes(challenge), allowCredentials: allowCredentials?.map(toDescriptor) };
}
const toDescriptor = (credential) => ({ ...credential, id: toBytes(credential.id) });
/** Returns the JSON of an answer: `RegistrationResponseJSON` or `AuthenticationResponseJSON`. */
function toJson(credential) {
    if (credential.toJSON)
        return credential.toJSON();
    const { id, type, authenticatorAttachment, response } = credential;
    const names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
    const parts = names.filter((name) => response[name]).map((name) => [name, fromBytes(response[name])]);
    const transports = response.getTransports?.();
    return {
        id,
        rawId: id,
        type,
        ...(authenticatorAttachment && { authenticatorAttachment }),
        clientExtensionResults: credential.getClientExtensionResults(),
        response: { ...Object.fromEntries(parts), ...(transports && { transports }) },
    };
}
function toBytes(text) {
    return Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
}
function fromBytes(bytes) {
    const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
    return text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
