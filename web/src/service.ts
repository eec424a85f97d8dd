/** Ratchet's own routes that issue or end tokens. */
import { type ErrorCode, ignore, RatchetError, SERVICE_CODES, unreachable } from "./errors.js";
import type { Settings } from "./options.js";
import type { Instant } from "./platform.js";
import { reasonOf, sleep } from "./waiting.js";

/** The longest pause that is respected, whatever `Retry-After` requires: a proxy may state a day. */
const LONGEST_PAUSE_SECONDS = 300;

/** How to send a request to the service. */
export interface SendOptions {
  /** `POST` unless another is given. */
  method?: string;
  /** Whether it outlives the page. */
  keepalive?: boolean;
  signal?: AbortSignal;
  accessToken?: string;
  /** The largest number of requests. With more than one, pauses that the service has requested are respected. */
  tries?: number;
}

/** Turns the JSON of an answer, and when its request was sent, into a value. */
export type Reader<T> = (answer: unknown, sent: Instant) => T;

export class Service {
  readonly credentials: RequestCredentials;
  readonly #settings: Settings;
  /** No refresh is sent before this time of the monotonic clock: the service has requested a pause. */
  #notBefore = -Infinity;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.credentials = settings.cookie ? "include" : "same-origin";
  }

  /** Resolves a path below the base URL. An address with a scheme stands for itself. */
  resolve(address: string): URL {
    if (/^[a-z][a-z0-9+.-]*:/i.test(address)) return new URL(address);
    return new URL(this.#settings.base.href + address.replace(/^\//, ""));
  }

  /** Sends no refresh for this many seconds. Returns the pause in milliseconds. */
  pause(seconds = 0): number {
    const ms = Math.min(seconds, LONGEST_PAUSE_SECONDS) * 1000;
    this.#notBefore = Math.max(this.#notBefore, this.#settings.platform.monotonic() + ms);
    return ms;
  }

  /**
   * Posts JSON and reads the answer, as often as another attempt may help: with pauses of random length that grow, and that
   * are no shorter than the service requires.
   */
  async post<T>(path: string, body: unknown, read: Reader<T>, { tries = 1, ...options }: SendOptions = {}): Promise<T> {
    const { platform, retry } = this.#settings;
    const { budgetMs, firstPauseMs, longestPauseMs } = retry;
    const began = platform.monotonic();
    const isPatient = tries > 1;
    for (let n = 1; ; n++) {
      const asked = isPatient ? this.#notBefore - platform.monotonic() : 0;
      if (asked > budgetMs) {
        const details = { retryAfter: Math.ceil(asked / 1000) };
        throw new RatchetError("temporarily_unavailable", "The service asks for a pause.", details);
      }
      if (asked > 0) await sleep(platform, asked, options.signal);
      try {
        return await this.#once(path, body, read, options);
      } catch (error) {
        if (!isPatient || !(error instanceof RatchetError) || !isPassing(error)) throw error;
        const backoff = platform.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** (n - 1));
        const pause = this.pause(error.retryAfter) + backoff;
        if (n >= tries || platform.monotonic() - began + pause > budgetMs) throw error;
        await sleep(platform, pause, options.signal);
      }
    }
  }

  /** Ends the session of a refresh token, or that of the cookie, if the service can be reached. */
  async end(refresh_token: string | undefined) {
    await this.post("/logout", { refresh_token }, ignore, { keepalive: true }).catch(ignore);
  }

  async #once<T>(path: string, body: unknown, read: Reader<T>, options: SendOptions): Promise<T> {
    const { method = "POST", keepalive = false, signal, accessToken } = options;
    const { platform, timeoutMs, fetch } = this.#settings;
    const text = JSON.stringify(body);
    const stop = new AbortController();
    const abort = () => stop.abort();
    const timer = platform.setTimeout(abort, timeoutMs);
    signal?.addEventListener("abort", abort);
    const monotonic = platform.monotonic();
    const wall = platform.wall();
    try {
      if (signal?.aborted) throw reasonOf(signal);
      const response = await fetch(this.resolve(path), {
        method,
        headers: { "content-type": "application/json", ...(accessToken && { authorization: `Bearer ${accessToken}` }) },
        body: text,
        credentials: this.credentials,
        redirect: "error",
        signal: stop.signal,
        keepalive,
      });
      const answer = readAnswer(response, await response.text());
      return read(answer, { monotonic, wall, tookMs: platform.monotonic() - monotonic });
    } catch (error) {
      if (error instanceof RatchetError) throw error;
      if (signal?.aborted) throw reasonOf(signal);
      throw unreachable(error);
    } finally {
      platform.clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }
}

/**
 * Returns the JSON of an answer, `null` if it has no body.
 *
 * @throws {RatchetError} for an error answer.
 */
export function readAnswer({ ok, status, headers }: Response, text: string): unknown {
  let answer: any;
  try {
    answer = JSON.parse(text || "null");
  } catch {
    // It is not the service's answer but that of a proxy, or a page for signing in to the network.
  }
  if (ok && answer !== undefined) return answer;
  // Seconds only: a date would have to be compared with the device's clock. Some errors repeat them in the body, which scripts
  // of other origins can always read.
  const after = headers.get("retry-after") ?? answer?.retry_after;
  const retryAfter = /^\d+$/.test(after) ? Number(after) : undefined;
  const code = ok ? "unexpected_answer" : SERVICE_CODES.includes(answer?.error) ? answer.error : byStatus(status);
  const details = { status, retryAfter, factors: answer?.factors };
  throw new RatchetError(code, String(answer?.error_description ?? `The service answered ${status}.`), details);
}

function byStatus(status: number): ErrorCode {
  if (status === 429) return "too_many_requests";
  return status >= 500 ? "temporarily_unavailable" : "unexpected_answer";
}

/** Returns whether the same request may get a better answer later. */
const isPassing = ({ status = 0 }: RatchetError) => status < 300 || status === 429 || status >= 500;
