/** Ratchet for Angular: a service with the client and its user, an interceptor for `HttpClient`, and a guard for routes. */
import { type HttpInterceptorFn } from "@angular/common/http";
import { type EnvironmentProviders, type Signal } from "@angular/core";
import { type CanActivateFn } from "@angular/router";
import { type Client, type ClientOptions, type User } from "./index.js";
/** The options of {@link provideRatchet}. */
export interface RatchetOptions extends ClientOptions {
    /** The route of your sign-in form. The default is `/login`. */
    signInRoute?: string;
}
/** The client, and its user as a signal. `inject(RatchetService)` returns it. */
export declare class RatchetService {
    readonly client: Client;
    /** The user; `null` if nobody is signed in. */
    readonly user: Signal<User | null>;
    readonly signInRoute: string;
    constructor({ signInRoute, ...options }: RatchetOptions);
}
/** Provides {@link RatchetService}. When the user is signed out, the router goes to the sign-in form. */
export declare const provideRatchet: (options: RatchetOptions) => EnvironmentProviders;
/** Adds the access token. After a 401 that refuses it, the request is sent once more with the next one. */
export declare const ratchetInterceptor: HttpInterceptorFn;
/** A guard for routes: admits signed-in users, and redirects others to the sign-in form. */
export declare const signedIn: CanActivateFn;
