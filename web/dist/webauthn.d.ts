/** What is asked for beside the options of the service. */
export type Asking = Pick<CredentialRequestOptions, "mediation" | "signal">;
/** What makes passkeys and answers challenges with them: the browser. Options and answers are JSON. */
export interface Authenticator {
    create(options: any, asking: Asking): Promise<unknown>;
    get(options: any, asking: Asking): Promise<unknown>;
}
/** Whether the browser has passkeys. */
export declare const supportsPasskeys: () => boolean;
/** Whether the browser offers passkeys among what it fills into a field. */
export declare const supportsAutofill: () => Promise<boolean>;
/** Returns the browser's authenticators, with what is given in place of its own. */
export declare function authenticatorOf(given: Partial<Authenticator>): Authenticator;
