/** The interface of the entry `account`. */
import type { SecondFactor, SessionInfo, User } from "./index.js";
/**
 * Changes of the account. The client does not repeat them by itself. After a rejection with the code `network`, it is unknown
 * whether the change was made.
 *
 * A code of a mail that does not work, for whatever reason, is `invalid_code`. If the service sends no mail, methods
 *   that need mail
 * reject with `not_found`.
 */
export interface Account {
    /** Requests a mail with a code for {@link Account.resetPassword}. Does not reveal whether the address has an account. */
    requestPasswordReset(account: {
        email: string;
    }): Promise<void>;
    /** Replaces a forgotten password. All the user's sessions end, and nobody is signed in. */
    resetPassword(reset: {
        token: string;
        password: string;
    }): Promise<void>;
    /** Requests a mail with a code that verifies the user's address. */
    requestVerification(): Promise<void>;
    /** Verifies the user's address: `user.email_verified`. The code must be that of the signed-in user. */
    verifyEmail(code: {
        token: string;
    }): Promise<void>;
    /** Requests another address, which gets a mail with a code for {@link Account.confirmEmail}. Until then the old
     * one stays. */
    changeEmail(change: {
        email: string;
    } & Proof): Promise<void>;
    /**
     * Changes the address to the one that got the mail. All the user's sessions end, and this browser continues with a new one,
     * as after a change of the password. The code must be that of the signed-in user.
     */
    confirmEmail(code: {
        token: string;
    }): Promise<User>;
    /** Restores the old address. All the user's sessions end, the password is removed, and the old address gets a mail
     * to set one. */
    undoEmail(code: {
        token: string;
    }): Promise<void>;
    /** Creates an account and signs in, or requests a mail first if the service requires a verified address. */
    register(account: {
        email: string;
        password: string;
        name: string;
    }): Promise<Registration>;
    /**
     * Creates the account of a pending registration, and signs in: in the browser that has its `registrationToken`,
     * or in another one with address and password.
     */
    confirmRegistration(registration: {
        registrationToken: string;
        token: string;
    } | {
        email: string;
        password: string;
        token: string;
    }): Promise<User>;
    /** Changes the user's name, and returns the user with it. */
    changeName(change: {
        name: string;
    }): Promise<User>;
    /** Deletes the account. The session then ends in all tabs, for the reason `ended`. */
    deleteAccount(proof: Proof): Promise<void>;
    /** Returns all data that the service stores about the user. */
    ownData(): Promise<OwnData>;
}
/**
 * The proof of the caller's identity: the password, and a second factor if the account has one; otherwise it is
 *   `mfa_required`. Right after a
 * sign-in with a passkey, changes of passkeys and factors need neither.
 */
export interface Proof extends SecondFactor {
    currentPassword?: string | undefined;
}
/** The result of a registration. A pending one becomes an account by {@link Account.confirmRegistration}. */
export type Registration = {
    pending: false;
    user: User;
} | {
    pending: true;
    /** This browser's half of the proof; the mail contains the other half. Keep it until the link of the mail is opened. */
    registrationToken: string;
    /** The seconds until it can no longer be confirmed. */
    expiresIn: number;
};
/** Times are seconds since the Unix epoch by the service's clock. */
export interface OwnData {
    server_time: number;
    account: User & {
        created_at: number;
        email_verified_at: number | null;
        email_changed_at: number[];
        former_emails: string[];
        factors: FactorList;
    };
    /** The newest first. */
    sessions: SessionInfo[];
    passkeys: PasskeyInfo[];
}
/** The second factors of a user. */
export interface FactorList {
    /** The authenticator app, if there is one, and when it was added, in seconds since the Unix epoch. */
    totp: {
        added_at: number;
    } | null;
    recovery_codes_left: number;
    /** How many there are. */
    passkeys: number;
}
/** Times are seconds since the Unix epoch. */
export interface PasskeyInfo {
    id: string;
    name: string;
    created_at: number;
    last_used_at: number | null;
    /** Whether it has been copied to other devices of its user. */
    backed_up: boolean;
    /** How its authenticator is reached, such as `internal` or `usb`. */
    transports: string[];
}
