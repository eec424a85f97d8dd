// An app with angular.ts: a sign-in form, and a page behind it.
import { httpResource, provideHttpClient, withInterceptors } from "@angular/common/http";
import { type ApplicationConfig, Component, inject, signal } from "@angular/core";
import { provideRouter, Router, RouterOutlet } from "@angular/router";
import { injectUser, provideRatchet, RATCHET, ratchetInterceptor, signedIn } from "./angular.js";

const api = "https://auth.example.com";

@Component({
  selector: "app-login",
  template: `
    <form (submit)="$event.preventDefault(); signIn(email.value, password.value)">
      <label>Email <input #email type="email" autocomplete="username" /></label>
      <label>Password <input #password type="password" autocomplete="current-password" /></label>
      <button>Sign in</button>
      <p role="alert">{{ problem() }}</p>
    </form>
  `,
})
export class Login {
  readonly problem = signal("");
  private readonly client = inject(RATCHET);
  private readonly router = inject(Router);

  async signIn(email: string, password: string) {
    try {
      await this.client.login({ email, password });
      await this.router.navigateByUrl("/");
    } catch (error) {
      this.problem.set(error instanceof Error ? error.message : String(error));
    }
  }
}

interface Day {
  date: string;
  temperature_c: number;
  summary: string;
}

@Component({
  selector: "app-weather",
  template: `
    <p>{{ user()?.name }} <button (click)="client.logout()">Sign out</button></p>
    @if (weather.error()) {
      <p role="alert">The weather is not to be had.</p>
    } @else {
      @for (day of weather.value(); track day.date) {
        <p>{{ day.date }}: {{ day.temperature_c }} °C, {{ day.summary }}</p>
      }
    }
  `,
})
export class Weather {
  readonly client = inject(RATCHET);
  readonly user = injectUser();
  readonly weather = httpResource<Day[]>(() => `${api}/weather`);
}

@Component({ selector: "app-root", imports: [RouterOutlet], template: "<router-outlet />" })
export class App {}

export const appConfig: ApplicationConfig = {
  providers: [
    provideRouter([
      { path: "login", component: Login },
      { path: "", component: Weather, canActivate: [signedIn] },
    ]),
    provideHttpClient(withInterceptors([ratchetInterceptor])),
    provideRatchet({ baseUrl: api, storage: "local" }),
  ],
};
