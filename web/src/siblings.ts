/** The other tabs of this browser that share the session: messages between them, and locks among them. */
import { type ErrorCode, type ErrorDetails, ignore, RatchetError } from "./errors.js";
import { type Channel, type FullPlatform, localStorageOf } from "./platform.js";
import type { Kept } from "./session.js";

/** A message to the other tabs: a session that they may not find in the store, a change of the store, or a failed refresh. */
interface Message {
  /** Asks the others what they hold. */
  ask?: boolean;
  kept?: Kept;
  failed?: ErrorDetails & { code: ErrorCode; message: string };
}

/** Called with the messages of other tabs. */
export interface Hearer {
  /** Another tab holds this, which may be missing in the store of this one. */
  kept(kept: Kept): void;
  /** The store may hold something new. */
  news(): void;
  /** Another tab asks what this one holds. */
  asked(): void;
  /** A refresh of another tab failed. */
  failed(error: RatchetError): void;
}

/** Reports that another tab was busy before, and how it failed, if it has reported that. */
export type Waited = { failure: () => RatchetError | null } | null;

/** The events of a window after which the store may hold something new. */
const NEWS = ["storage", "pageshow", "visibilitychange", "focus"];

/** The end of the name of the item for messages where there are no channels. */
const ITEM = ":message";

export class Siblings {
  readonly #key: string;
  /** The prefix of the locks' names. */
  readonly #lock: string;
  readonly #platform: FullPlatform;
  readonly #hearer: Hearer;
  #channel: Pick<Channel, "postMessage" | "close"> | null;
  /** Called when a refresh of another tab fails. */
  readonly #failing = new Set<(error: RatchetError) => void>();
  readonly #hear = (event: any) => {
    if (event.key === this.#lock + ITEM) event.newValue && this.#receive(JSON.parse(event.newValue));
    else if (event.type !== "storage" || event.key === null || event.key === this.#key) this.#hearer.news();
  };

  /** @param hasSiblings whether other tabs can have the same session */
  constructor(key: string, platform: FullPlatform, hasSiblings: boolean, hearer: Hearer) {
    this.#key = key;
    this.#lock = hasSiblings ? key : `${key}:${platform.random()}`;
    this.#platform = platform;
    this.#hearer = hearer;
    const channel = hasSiblings ? platform.channel(key) : null;
    if (channel) channel.onmessage = ({ data }) => this.#receive(data);
    this.#channel = channel;
    if (hasSiblings) for (const type of NEWS) platform.events?.addEventListener(type, this.#hear);
  }

  tell(message: Message) {
    try {
      this.#channel?.postMessage(message);
    } catch {
      // A page that is closing has nothing more to send.
    }
  }

  /**
   * Asks the other tabs what they hold, and from then on sends messages through localStorage if there is no channel.
   * Returns whether others can answer.
   */
  ask(): boolean {
    const storage = this.#platform.jar && localStorageOf(this.#platform);
    if (!this.#channel && storage) {
      const item = this.#lock + ITEM;
      const postMessage = (message: unknown) => {
        storage.setItem(item, JSON.stringify(message));
        storage.removeItem(item);
      };
      this.#channel = { postMessage, close: ignore };
    }
    this.tell({ ask: true });
    return this.#channel !== null;
  }

  /** Tells the tabs that wait for this tab's refresh that it failed. */
  tellFailure(error: RatchetError) {
    this.tell({ failed: { ...error, message: error.message } });
  }

  #receive(message: Message | null) {
    if (message?.failed) {
      const { failed } = message;
      const error = new RatchetError(failed.code, failed.message, failed);
      this.#hearer.failed(error);
      this.#failing.forEach((fail) => fail(error));
    } else if (message && "kept" in message) {
      this.#hearer.kept(message.kept ?? null);
    } else if (message?.ask) {
      this.#hearer.asked();
    } else {
      this.#hearer.news();
    }
  }

  /**
   * Does `work` while no other tab does. After `patienceMs` the work is done all the same: a frozen tab may hold the lock.
   *
   * @param sharesFate whether the work is unnecessary if the tab that holds the lock fails
   */
  async exclusively<T>(
    name: "write" | "refresh",
    patienceMs: number,
    work: (waited: Waited) => Promise<T>,
    sharesFate = false,
  ): Promise<T> {
    const lock = `${this.#lock}:${name}`;
    const { locks } = this.#platform;
    const patience = new AbortController();
    let timer: unknown;
    let working = null as Promise<T> | null;
    let failure = null as RatchetError | null;
    const fail = (error: RatchetError) => {
      failure = error;
      patience.abort();
    };
    const waited = { failure: () => failure };
    if (sharesFate) this.#failing.add(fail);
    try {
      await locks.request(lock, { ifAvailable: true }, async (held) => held && (working = work(null)));
      if (!working) {
        timer = this.#platform.setTimeout(() => patience.abort(), patienceMs);
        await locks.request(lock, { signal: patience.signal }, () => (working = work(waited)));
      }
      return await (working as unknown as Promise<T>);
    } catch (error) {
      if (working) throw error;
      if (failure) throw failure;
      // Out of patience, or a page that may not use locks.
      return await work(waited);
    } finally {
      this.#platform.clearTimeout(timer);
      this.#failing.delete(fail);
    }
  }

  close() {
    for (const type of NEWS) this.#platform.events?.removeEventListener(type, this.#hear);
    this.#channel?.close();
    this.#channel = null;
  }
}
