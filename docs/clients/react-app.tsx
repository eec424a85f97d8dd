// An app with react.ts: a sign-in form, and a page behind it.
import { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { RatchetContext, useRatchet } from "./react.js";
import { createClient } from "./ratchet.js";

export async function start(root: HTMLElement) {
  const client = createClient({ baseUrl: "https://auth.example.com", storage: "local" });
  await client.resume().catch(console.error); // without a network the session is as it was
  createRoot(root).render(
    <RatchetContext value={client}>
      <App />
    </RatchetContext>,
  );
}

export function App() {
  const { user } = useRatchet();
  return user ? <Weather /> : <Login />;
}

function Login() {
  const { client } = useRatchet();
  const [problem, setProblem] = useState("");
  const signIn = (form: FormData) =>
    client
      .login({ email: String(form.get("email")), password: String(form.get("password")) })
      .catch((error: Error) => setProblem(error.message));
  return (
    <form action={async (form) => void (await signIn(form))}>
      <label>Email <input name="email" type="email" autoComplete="username" /></label>
      <label>Password <input name="password" type="password" autoComplete="current-password" /></label>
      <button>Sign in</button>
      <p role="alert">{problem}</p>
    </form>
  );
}

interface Day {
  date: string;
  temperature_c: number;
  summary: string;
}

function Weather() {
  const { client, user } = useRatchet();
  const [days, setDays] = useState<Day[]>([]);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const stop = new AbortController();
    client
      .fetch("/weather", { signal: stop.signal })
      .then((response) => (response.ok ? response.json() : Promise.reject(new Error(`${response.status}`))))
      .then(setDays, (error: Error) => stop.signal.aborted || setProblem(error.message));
    return () => stop.abort();
  }, [client]);
  return (
    <>
      <p>{user?.name} <button onClick={() => client.logout()}>Sign out</button></p>
      <p role="alert">{problem}</p>
      {days.map(({ date, temperature_c, summary }) => (
        <p key={date}>{date}: {temperature_c} °C, {summary}</p>
      ))}
    </>
  );
}
