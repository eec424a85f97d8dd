/** Ratchet for Angular: a service with the client and its user, an interceptor for `HttpClient`, and a guard for routes. */
import { HttpErrorResponse, type HttpEvent, type HttpInterceptorFn } from "@angular/common/http";
import {
  DestroyRef,
  type EnvironmentProviders,
  inject,
  makeEnvironmentProviders,
  provideAppInitializer,
  type Signal,
  signal,
} from "@angular/core";
import { type CanActivateFn, Router } from "@angular/router";
import { catchError, defer, from, type Observable, switchMap, throwError } from "rxjs";
import { type Authorization, type Client, type ClientOptions, createClient, RatchetError, type User } from "./index.js";

/** The options of {@link provideRatchet}. */
export interface RatchetOptions extends ClientOptions {
  /** The route of your sign-in form. The default is `/login`. */
  signInRoute?: string;
}

/** The client, and its user as a signal. `inject(RatchetService)` returns it. */
export class RatchetService {
  readonly client: Client;
  /** The user; `null` if nobody is signed in. */
  readonly user: Signal<User | null>;
  readonly signInRoute: string;

  constructor({ signInRoute = "/login", ...options }: RatchetOptions) {
    const client = createClient(options);
    const user = signal(client.user);
    for (const event of ["signedin", "refreshed", "signedout"] as const) client.on(event, () => user.set(client.user));
    inject(DestroyRef).onDestroy(() => client.close());
    this.client = client;
    this.user = user.asReadonly();
    this.signInRoute = signInRoute;
  }
}

/** Provides {@link RatchetService}. When the user is signed out, the router goes to the sign-in form. */
export const provideRatchet = (options: RatchetOptions): EnvironmentProviders =>
  makeEnvironmentProviders([
    { provide: RatchetService, useFactory: () => new RatchetService(options) },
    provideAppInitializer(() => {
      const { client, signInRoute } = inject(RatchetService);
      const router = inject(Router);
      client.on("signedout", ({ reason }) => void (reason !== "replaced" && router.navigateByUrl(signInRoute)));
    }),
  ]);

/** Adds the access token. After a 401 that refuses it, the request is sent once more with the next one. */
export const ratchetInterceptor: HttpInterceptorFn = (request, next) => {
  const { client } = inject(RatchetService);
  const send = (authorization: Authorization | null): Observable<HttpEvent<unknown>> => {
    if (!authorization) return next(request);
    const setHeaders = { Authorization: `Bearer ${authorization.accessToken}` };
    // A redirect could lead to another origin, and not every browser removes the token.
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

/** Returns the error of a failed refresh for the caller: status 0 without an answer, or else the answer's status. */
const asHttpError = (error: RatchetError, url: string) => new HttpErrorResponse({ error, status: error.status ?? 0, url });

/** A guard for routes: admits signed-in users, and redirects others to the sign-in form. */
export const signedIn: CanActivateFn = async () => {
  const { client, signInRoute } = inject(RatchetService);
  const router = inject(Router);
  return (await client.resume()) !== null || router.parseUrl(signInRoute);
};
