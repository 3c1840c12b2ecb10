/** Send files to the store: small ones several a request, each under the first name that is free. */
import { ApiError, ConnectionLost, UnreadableFile } from "../api/errors.ts";
import type { NewObject } from "../api/new-objects.ts";
import type { PictureSize } from "./picture-check.ts";

export interface Picture {
  readonly file: File;
  readonly size: PictureSize;
  /** Its name stands in the store from an upload that ended early; perhaps with these bytes. */
  readonly isLeft?: boolean;
}

interface PutOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (sent: number) => void;
}

/** What sending needs of the server. */
export interface Shelves {
  /** Store a file, keeping what is there; raises PreconditionFailed if the key is taken. */
  put(key: string, file: File, options: PutOptions): Promise<unknown>;
  /** The same of several in one request; resolves to what refused each, null for none. */
  putAll(files: readonly NewObject[], options: PutOptions): Promise<readonly (Error | null)[]>;
}

/** A picture on its way; "sent" is all of its bytes, without an answer yet. */
export interface Item extends Picture {
  state: "waiting" | "sending" | "sent" | "stored" | "entered" | "failed";
  key: string;
  /** Of the name to try; those below are taken. */
  number: number;
  /** Sent before, without an answer: it may be stored. */
  unsure: boolean;
  sent: number;
  error: unknown;
  code: string | null;
}

/** The code of a file that the browser cannot read any more. */
export const UNREADABLE = "FILE_UNREADABLE";

/** Files that share a request: few enough that a slow line tells how far it is. */
const GROUP_BYTES = 2 << 20;
const GROUP_FILES = 50;
const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 500;
const NAMES = 100;

export const itemOf = (picture: Picture): Item => ({
  ...picture,
  state: "waiting",
  key: "",
  number: 1,
  unsure: picture.isLeft === true,
  sent: 0,
  error: null,
  code: null,
});

export function fail(item: Item, error: unknown, code: string | null = null): void {
  const isGone = error instanceof UnreadableFile;
  Object.assign(item, { state: "failed", sent: 0, error, code: isGone ? UNREADABLE : code });
}

/** `dog.jpg` becomes `dog-2.jpg`, `dog-3.jpg` and so on. */
export function numbered(name: string, number: number): string {
  if (number < 2) return name;
  const dot = name.lastIndexOf(".");
  return dot <= 0 ? `${name}-${number}` : `${name.slice(0, dot)}-${number}${name.slice(dot)}`;
}

/** Neighbours that go together; a large file goes alone. */
export function groupsOf<F extends { readonly file: Blob }>(items: readonly F[]): readonly (readonly F[])[] {
  const groups: F[][] = [];
  let bytes = Infinity;
  for (const item of items) {
    const last = groups.at(-1);
    bytes += item.file.size;
    if (last === undefined || bytes > GROUP_BYTES || last.length >= GROUP_FILES) {
      groups.push([item]);
      bytes = item.file.size;
    } else last.push(item);
  }
  return groups;
}

const isTaken = (error: unknown): boolean => error instanceof ApiError && error.status === 412;
const mayPass = (error: unknown): boolean =>
  error instanceof ConnectionLost ||
  (error instanceof ApiError && (error.status === 429 || error.status >= 500));
/** Whether the server refused it, so that it is not stored. */
const isRefusal = (error: unknown): boolean => error instanceof ApiError && error.status < 500;

/** Try again while the server is away, unless `signal` says stop. */
export async function retried<T>(
  work: () => Promise<T>,
  pause: (ms: number) => Promise<void>,
  signal?: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const isOver = attempt >= ATTEMPTS || signal?.aborted === true;
      if (isOver || !mayPass(error)) throw error;
      await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1));
    }
  }
}

/** Sends items of one run until it is cancelled. */
export class Sender {
  constructor(
    private readonly prefix: string,
    private readonly store: Shelves,
    private readonly pause: (ms: number) => Promise<void>,
    private readonly signal: AbortSignal,
    private readonly onProgress: () => void,
  ) {}

  /** Send a group; each is then stored, failed, or waits because of a cancel. */
  async send(group: readonly Item[]): Promise<void> {
    for (const item of group.length > 1 ? await this.#together(group) : group) {
      if (!this.signal.aborted) await this.#alone(item);
    }
  }

  /** Returns those that have to be tried alone. */
  async #together(group: readonly Item[]): Promise<readonly Item[]> {
    try {
      const refused = await this.#retried(() => this.#putAll(group));
      return group.filter((item, i) => !this.#settled(item, refused[i] ?? null));
    } catch (error) {
      for (const item of group) Object.assign(item, { state: "waiting", sent: 0 });
      if (this.signal.aborted) return [];
      // Of a file that cannot be read, or a request that is refused, the others may be good.
      if (!mayPass(error)) return group;
      for (const item of group) fail(item, error);
      return [];
    }
  }

  /** Note an answer; false if the item has to be tried alone. */
  #settled(item: Item, refusal: Error | null): boolean {
    if (refusal === null) Object.assign(item, { state: "stored", sent: item.file.size });
    else if (isTaken(refusal) || mayPass(refusal)) {
      Object.assign(item, { state: "waiting", sent: 0 });
      return false;
    } else fail(item, refusal);
    return true;
  }

  async #alone(item: Item): Promise<void> {
    item.state = "sending";
    try {
      await this.#retried(() => this.#put(item));
      Object.assign(item, { state: "stored", sent: item.file.size });
    } catch (error) {
      Object.assign(item, { state: "waiting", sent: 0 });
      if (!this.signal.aborted) fail(item, error);
    }
  }

  /** Store under the first name that is free. */
  async #put(item: Item): Promise<void> {
    for (;;) {
      const [refusal] =
        item.unsure && item.file.size <= GROUP_BYTES
          ? await this.#putAll([item])
          : [await this.#putOne(item)];
      if (refusal === null || refusal === undefined) return;
      if (!isTaken(refusal) || item.number > NAMES) throw refusal;
    }
  }

  /** Returns the refusal of a name that is taken, null when it is stored. */
  async #putOne(item: Item): Promise<Error | null> {
    try {
      await this.store.put(this.#key(item), item.file, {
        signal: this.signal,
        onProgress: (sent) => {
          item.sent = sent;
          this.onProgress();
        },
      });
      return null;
    } catch (error) {
      item.unsure = !isRefusal(error);
      if (!isTaken(error)) throw error;
      item.number += 1;
      return error as Error;
    }
  }

  async #putAll(items: readonly Item[]): Promise<readonly (Error | null)[]> {
    const files = items.map((item) => ({ key: this.#key(item), body: item.file, again: item.unsure }));
    const onProgress = (sent: number): void => {
      spread(items, sent);
      this.onProgress();
    };
    try {
      const refused = await this.store.putAll(files, { signal: this.signal, onProgress });
      for (const [i, item] of items.entries()) {
        const refusal = refused[i] ?? null;
        item.unsure = refusal !== null && !isRefusal(refusal);
        if (isTaken(refusal)) item.number += 1;
      }
      return refused;
    } catch (error) {
      if (!isRefusal(error)) for (const item of items) item.unsure = true;
      throw error;
    }
  }

  #key(item: Item): string {
    item.key = this.prefix + numbered(item.file.name, item.number);
    return item.key;
  }

  #retried<T>(work: () => Promise<T>): Promise<T> {
    return retried(work, this.pause, this.signal);
  }
}

/** Of files that go one after another, note how far each is. */
function spread(items: readonly Item[], sent: number): void {
  let left = sent;
  for (const item of items) {
    const { size } = item.file;
    item.sent = Math.min(Math.max(left, 0), size);
    item.state = left <= 0 ? "waiting" : left < size ? "sending" : "sent";
    left -= size;
  }
}
