/** The client: what {@link Client} promises, put together from the parts. */
import type { Authorization, Client, Sessions, Status } from "./api.js";
import type { Events } from "./events.js";
import { type ClientOptions } from "./options.js";
export declare class RatchetClient implements Client {
    #private;
    readonly sessions: Sessions;
    constructor(options: ClientOptions);
    get user(): import("./session.js").User | null;
    resume(): Promise<import("./session.js").User | null>;
    register(account: {
        email: string;
        password: string;
        name: string;
    }): Promise<import("./session.js").User>;
    login(credentials: {
        email: string;
        password: string;
    }): Promise<import("./session.js").User>;
    logout(): Promise<void>;
    changePassword(passwords: {
        currentPassword: string;
        newPassword: string;
    }): Promise<import("./session.js").User>;
    fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
    authorize(url: string | URL): Promise<Authorization | null>;
    refresh(): Promise<import("./session.js").User>;
    clearAccessToken(): Promise<void>;
    status(): Status | null;
    on<K extends keyof Events>(event: K, listener: (detail: Events[K]) => void): () => void;
    close(): void;
}
