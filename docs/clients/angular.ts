// Ratchet for Angular's HttpClient and Router. Copy it with ratchet.js and ratchet.d.ts.
import { HttpErrorResponse, type HttpEvent, type HttpInterceptorFn } from "@angular/common/http";
import { DestroyRef, inject, InjectionToken, makeEnvironmentProviders, provideAppInitializer, signal } from "@angular/core";
import { type CanActivateFn, Router } from "@angular/router";
import { catchError, defer, from, type Observable, switchMap, throwError } from "rxjs";
import { type Authorization, type Client, type ClientOptions, createClient, RatchetError } from "./ratchet.js";

/** The route of your sign-in form. */
const SIGN_IN = "/login";

/** Signs in and out; see ratchet.d.ts. */
export const RATCHET = new InjectionToken<Client>("the client of Ratchet");

/** Makes the client. When a session ends, the router goes to the sign-in form. */
export const provideRatchet = (options: ClientOptions) =>
  makeEnvironmentProviders([
    { provide: RATCHET, useFactory: () => createClient(options) },
    provideAppInitializer(() => {
      const [client, router] = [inject(RATCHET), inject(Router)];
      client.on("signedout", () => void router.navigateByUrl(SIGN_IN));
      inject(DestroyRef).onDestroy(() => client.close());
    }),
  ]);

/** Adds the access token. After a 401 that refuses it the request is sent again, once, with the next one. */
export const ratchetInterceptor: HttpInterceptorFn = (request, next) => {
  const client = inject(RATCHET);
  const send = (authorization: Authorization | null): Observable<HttpEvent<unknown>> => {
    if (!authorization) return next(request);
    const setHeaders = { Authorization: `Bearer ${authorization.accessToken}` };
    // A redirect could lead to another origin, and not every browser takes the token off.
    return next(request.clone({ setHeaders, redirect: "error" })).pipe(
      catchError((error: HttpErrorResponse) =>
        from(authorization.renew(error)).pipe(switchMap((renewed) => (renewed ? send(renewed) : throwError(() => error)))),
      ),
    );
  };
  return defer(() => client.authorize(request.url)).pipe(
    switchMap(send),
    catchError((error) => throwError(() => (error instanceof RatchetError ? asHttpError(error, request.url) : error))),
  );
};

/** What a refresh that fails looks like to the caller: status 0 without an answer, or that of the answer. */
const asHttpError = (error: RatchetError, url: string) => new HttpErrorResponse({ error, status: error.status ?? 0, url });

/** A guard: whoever is signed in may pass, others go to the sign-in form. */
export const signedIn: CanActivateFn = async () => {
  const router = inject(Router);
  return (await inject(RATCHET).resume()) !== null || router.parseUrl(SIGN_IN);
};

/** Whose session it is, as a signal. */
export function injectUser() {
  const client = inject(RATCHET);
  const user = signal(client.user);
  const events = ["signedin", "refreshed", "signedout"] as const;
  const ends = events.map((event) => client.on(event, () => user.set(client.user)));
  inject(DestroyRef).onDestroy(() => ends.forEach((end) => end()));
  return user.asReadonly();
}
