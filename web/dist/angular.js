/** Ratchet for Angular: a service with the client and its user, an interceptor for `HttpClient`, and a guard for routes. */
import { HttpErrorResponse } from "@angular/common/http";
import { DestroyRef, inject, makeEnvironmentProviders, provideAppInitializer, signal, } from "@angular/core";
import { Router } from "@angular/router";
import { catchError, defer, from, switchMap, throwError } from "rxjs";
import { createClient, RatchetError } from "./index.js";
/** The client, and its user as a signal. `inject(RatchetService)` returns it. */
export class RatchetService {
    client;
    /** The user; `null` if nobody is signed in. */
    user;
    signInRoute;
    constructor({ signInRoute = "/login", ...options }) {
        const client = createClient(options);
        const user = signal(client.user);
        for (const event of ["signedin", "refreshed", "signedout"])
            client.on(event, () => user.set(client.user));
        inject(DestroyRef).onDestroy(() => client.close());
        this.client = client;
        this.user = user.asReadonly();
        this.signInRoute = signInRoute;
    }
}
/** Provides {@link RatchetService}. When the user is signed out, the router goes to the sign-in form. */
export const provideRatchet = (options) => makeEnvironmentProviders([
    { provide: RatchetService, useFactory: () => new RatchetService(options) },
    provideAppInitializer(() => {
        const { client, signInRoute } = inject(RatchetService);
        const router = inject(Router);
        client.on("signedout", ({ reason }) => void (reason !== "replaced" && router.navigateByUrl(signInRoute)));
    }),
]);
/** Adds the access token. After a 401 that refuses it, the request is sent once more with the next one. */
export const ratchetInterceptor = (request, next) => {
    const { client } = inject(RatchetService);
    const send = (authorization) => {
        if (!authorization)
            return next(request);
        const setHeaders = { Authorization: `Bearer ${authorization.accessToken}` };
        // A redirect could lead to another origin, and not every browser removes the token.
        return next(request.clone({ setHeaders, redirect: "error" })).pipe(catchError((error) => from(authorization.renew(error)).pipe(switchMap((renewed) => (renewed ? send(renewed) : throwError(() => error))))));
    };
    return defer(() => client.authorize(request.url)).pipe(switchMap(send), catchError((error) => throwError(() => (error instanceof RatchetError ? asHttpError(error, request.url) : error))));
};
/** Returns the error of a failed refresh for the caller: status 0 without an answer, or else the answer's status. */
const asHttpError = (error, url) => new HttpErrorResponse({ error, status: error.status ?? 0, url });
/** A guard for routes: admits signed-in users, and redirects others to the sign-in form. */
export const signedIn = async () => {
    const { client, signInRoute } = inject(RatchetService);
    const router = inject(Router);
    return (await client.resume()) !== null || router.parseUrl(signInRoute);
};
