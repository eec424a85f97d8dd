// Ratchet with plain fetch. Copy it with ratchet.js and ratchet.d.ts.
import { createClient, RatchetError } from "./ratchet.js";

export const client = createClient({ baseUrl: "https://auth.example.com", storage: "local" });

/** The JSON of a protected route, or `null` when nobody is signed in. */
export async function getJson<T>(path: string, init?: RequestInit): Promise<T | null> {
  try {
    const response = await client.fetch(path, init);
    if (!response.ok) throw new Error(`${path} answers ${response.status}`);
    return await response.json();
  } catch (error) {
    if (error instanceof RatchetError && error.code === "signed_out") return null;
    throw error; // code "network", say: nobody is signed out by it, so try again later
  }
}
