/**
 * The client: the implementation of {@link Client}.
 *
 * Public members that are not in {@link Client} are for the other entries: they give no access to a token.
 */
import type { Authorization, Client, SecondFactor, Sessions, Status } from "./api.js";
import type { Events } from "./events.js";
import { type ClientOptions } from "./options.js";
import { Service } from "./service.js";
import { type User } from "./session.js";
import { type Fields, type Replacing, SignIns } from "./sign-in.js";
export declare class RatchetClient implements Client {
    #private;
    readonly sessions: Sessions;
    readonly service: Service;
    readonly signIns: SignIns;
    constructor(options: ClientOptions);
    get user(): User | null;
    resume(): Promise<User | null>;
    register(account: {
        email: string;
        password: string;
        name: string;
    }): Promise<User>;
    login(credentials: {
        email: string;
        password: string;
    } & SecondFactor): Promise<User>;
    logout(): Promise<void>;
    changePassword(passwords: {
        currentPassword: string;
        newPassword: string;
    } & SecondFactor): Promise<User>;
    /** Sends a request that ends all of the user's sessions, and continues with the one in the answer. */
    replace(path: string, fields: Fields, how?: Replacing): Promise<User>;
    fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
    authorize(url: string | URL): Promise<Authorization | null>;
    refresh(): Promise<User>;
    clearAccessToken(): Promise<void>;
    status(): Status | null;
    on<K extends keyof Events>(event: K, listener: (detail: Events[K]) => void): () => void;
    close(): void;
    /** After sessions were ended on the server: ends this one here too, if it was among them. */
    ended(id: string | undefined): Promise<void>;
    /** Calls a protected route of Ratchet itself. */
    json(method: string, path: string, init?: RequestInit): Promise<unknown>;
}
