/** The request beside the options of the service. */
export type Asking = Pick<CredentialRequestOptions, "mediation" | "signal">;
/** The maker of passkeys and of answers to challenges: the browser. Options and answers are JSON. */
export interface Authenticator {
    create(options: any, asking: Asking): Promise<unknown>;
    get(options: any, asking: Asking): Promise<unknown>;
}
/** Returns whether the browser has passkeys. */
export declare const supportsPasskeys: () => boolean;
/** Returns whether the browser offers passkeys in the list of a field. */
export declare const supportsAutofill: () => Promise<boolean>;
/** Returns the browser's authenticators, with replacements for some of them. */
export declare function authenticatorOf(given: Partial<Authenticator>): Authenticator;
