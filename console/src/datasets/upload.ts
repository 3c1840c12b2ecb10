/** Upload pictures into a dataset in batches: each batch is stored, then entered. */
import type { EntryChange, SavedEntries } from "../api/lensmith.ts";
import { uuid } from "../api/uuid.ts";
import { fail, groupsOf, type Item, itemOf, type Picture, retried, Sender, type Shelves } from "./sending.ts";

export interface Destination {
  readonly bucket: string;
  /** Where the dataset's pictures are; ends with a slash unless it is empty. */
  readonly prefix: string;
}

/** What an upload needs of the server. */
export interface Store extends Shelves {
  enter(requestId: string, changes: readonly EntryChange[]): Promise<SavedEntries>;
}

/** A file on its way, in bytes. */
export interface Sending {
  readonly name: string;
  readonly sent: number;
  readonly size: number;
}

/** A file that was not stored, or not entered: by the server's error or by a code of its check. */
export interface Failure {
  readonly name: string;
  readonly error: unknown;
  readonly code: string | null;
}

export type UploadState = "running" | "cancelled" | "failed" | "completed";

export interface Progress {
  readonly state: UploadState;
  readonly done: number;
  readonly total: number;
  readonly bytes: number;
  readonly allBytes: number;
  /** Since it was begun or gone on with; null until that means something. */
  readonly bytesPerSecond: number | null;
  readonly batch: number;
  readonly batches: number;
  readonly sending: readonly Sending[];
  readonly failures: readonly Failure[];
}

/** Requests at a time: enough to fill the line, few enough for a small server. */
const PARALLEL = 5;
/** Progress is shown this often; bytes arrive far more often. */
const SHOW_MS = 500;

/** Batches of an upload; it can be cancelled and gone on with, and tried again where it failed. */
export class Upload {
  readonly #items: Item[];
  readonly #listeners = new Set<() => void>();
  #abort = new AbortController();
  #state: UploadState = "running";
  #began = { ms: 0, bytes: 0 };
  #progress: Progress;
  #shown = 0;

  constructor(
    pictures: readonly Picture[],
    private readonly to: Destination,
    private readonly store: Store,
    private readonly batchSize: number,
    private readonly pause: (ms: number) => Promise<void> = (ms) =>
      new Promise((resolve) => setTimeout(resolve, ms)),
  ) {
    this.#items = pictures.map(itemOf);
    this.#progress = this.#measure();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly progress = (): Progress => this.#progress;

  /** Stop; what was stored is entered, the rest waits for `run`. */
  cancel(): void {
    this.#abort.abort();
  }

  /** Upload what is not in the dataset yet; resolves when it is done, failed or cancelled. */
  async run(): Promise<void> {
    this.#abort = new AbortController();
    this.#state = "running";
    for (const item of this.#items) if (item.state === "failed") item.state = "waiting";
    this.#began = { ms: performance.now(), bytes: this.#sent() };
    this.#tell();
    await this.#storeAndEnter();
    const isDone = this.#items.every(({ state }) => state === "entered");
    const isCancelled = this.#abort.signal.aborted && !isDone;
    this.#state = isDone ? "completed" : isCancelled ? "cancelled" : "failed";
    this.#tell();
  }

  /** Store all that waits, and enter each batch as soon as its last file is stored. */
  async #storeAndEnter(): Promise<void> {
    const batches = this.#batches();
    const groups = groupsOf(batches.flatMap(({ waiting }) => waiting));
    const batchOf = new Map(batches.flatMap((batch) => batch.waiting.map((item) => [item, batch])));
    const { signal } = this.#abort;
    const sender = new Sender(this.to.prefix, this.store, this.pause, signal, () => this.#tellSoon());
    let entering = Promise.resolve();
    const enter = (items: readonly Item[]): void => {
      entering = entering.then(() => this.#enter(items));
    };
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < groups.length && !signal.aborted) {
        const group = groups[next++] as (typeof groups)[number];
        await sender.send(group);
        for (const item of group) {
          const batch = batchOf.get(item) as (typeof batches)[number];
          batch.left -= 1;
          if (batch.left === 0) enter(batch.items);
        }
        this.#tellSoon();
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
    for (const { items, left } of batches) if (left > 0) enter(items);
    await entering;
  }

  #batches(): { items: readonly Item[]; waiting: readonly Item[]; left: number }[] {
    const batches = [];
    for (let start = 0; start < this.#items.length; start += this.batchSize) {
      const items = this.#items.slice(start, start + this.batchSize);
      const waiting = items.filter(({ state }) => state === "waiting");
      batches.push({ items, waiting, left: waiting.length });
    }
    return batches;
  }

  async #enter(batch: readonly Item[]): Promise<void> {
    const stored = batch.filter(({ state }) => state === "stored");
    if (stored.length === 0) return;
    const refs = new Map(stored.map((item) => [`s3://${this.to.bucket}/${item.key}`, item]));
    const changes: EntryChange[] = [...refs].map(([source_ref, { size }]) => ({
      source_ref,
      revision: null,
      image_labels: [],
      boxes: [],
      nothing_here: false,
      ...size,
    }));
    const requestId = uuid();
    try {
      // The same id each time: an answer that was lost does not enter them twice.
      const saved = await retried(() => this.store.enter(requestId, changes), this.pause);
      for (const item of stored) item.state = "entered";
      for (const { source_ref, code } of saved.rejected) {
        const item = refs.get(source_ref);
        if (item !== undefined) fail(item, null, code);
      }
    } catch (error) {
      for (const item of stored) {
        fail(item, error);
        item.unsure = true; // its object is there
      }
    }
    this.#tell();
  }

  #measure(): Progress {
    const items = this.#items;
    const done = items.filter(({ state }) => state === "entered").length;
    const failed = items.filter(({ state }) => state === "failed");
    const sending = items.filter(({ state }) => state === "sending");
    const first = items.findIndex(({ state }) => state !== "entered" && state !== "failed");
    const batches = Math.max(1, Math.ceil(items.length / this.batchSize));
    return {
      state: this.#state,
      done,
      total: items.length,
      bytes: this.#sent(),
      allBytes: items.reduce((sum, { file }) => sum + file.size, 0),
      bytesPerSecond: this.#speed(),
      batch: first === -1 ? batches : Math.floor(first / this.batchSize) + 1,
      batches,
      sending: sending.map(({ file, sent }) => ({ name: file.name, sent, size: file.size })),
      failures: failed.map(({ file, error, code }) => ({ name: file.name, error, code })),
    };
  }

  #sent(): number {
    return this.#items.reduce((sum, { sent }) => sum + sent, 0);
  }

  #speed(): number | null {
    const seconds = (performance.now() - this.#began.ms) / 1000;
    return seconds < 0.5 ? null : (this.#sent() - this.#began.bytes) / seconds;
  }

  #tellSoon(): void {
    if (performance.now() - this.#shown >= SHOW_MS) this.#tell();
  }

  #tell(): void {
    this.#shown = performance.now();
    this.#progress = this.#measure();
    for (const listener of this.#listeners) listener();
  }
}
