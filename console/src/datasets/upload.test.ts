import { describe, expect, it } from "vitest";
import { ApiError, ConnectionLost, UnreadableFile } from "../api/errors.ts";
import type { EntryChange, SavedEntries } from "../api/lensmith.ts";
import type { NewObject } from "../api/new-objects.ts";
import { groupsOf, numbered, type Picture } from "./sending.ts";
import { type Store, Upload } from "./upload.ts";

const TO = { bucket: "b", prefix: "assets/" };
const NOTHING: SavedEntries = { saved: [], conflicts: [], rejected: [] };

const pictures = (count: number, bytes: number): Picture[] =>
  Array.from({ length: count }, (_, i) => ({
    file: new File([new Uint8Array(bytes)], `p${i}.jpg`),
    size: { width: 100, height: 80 },
  }));

const apiError = (status: number): ApiError =>
  new ApiError("Odd", "", null, status);

class Shelf implements Store {
  readonly keys: string[] = [];
  readonly batches: (readonly EntryChange[])[] = [];
  readonly ids: string[] = [];
  readonly requests: (readonly string[])[] = [];
  losesAnswers = 0;
  constructor(private readonly before: (key: string) => void = () => undefined) {}
  async put(key: string): Promise<void> {
    await Promise.resolve();
    this.before(key);
    this.keys.push(key);
  }
  /** As the server: each is put unless its name is taken, or by the same bytes sent before. */
  async putAll(
    files: readonly NewObject[],
    { signal }: { readonly signal: AbortSignal },
  ): Promise<readonly (Error | null)[]> {
    await Promise.resolve();
    this.requests.push(files.map(({ key }) => key));
    const refused = [];
    for (const { key, again } of files) {
      const isThere = this.keys.includes(key);
      if (!isThere) {
        try {
          this.before(key);
          this.keys.push(key);
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          refused.push(error);
          continue;
        }
      }
      refused.push(isThere && !again ? apiError(412) : null);
    }
    signal.throwIfAborted();
    if (this.losesAnswers > 0) {
      this.losesAnswers -= 1;
      throw new ConnectionLost();
    }
    return refused;
  }
  async enter(id: string, changes: readonly EntryChange[]): Promise<SavedEntries> {
    await Promise.resolve();
    this.ids.push(id);
    this.batches.push(changes);
    return NOTHING;
  }
}

const upload = (count: number, store: Store, bytes = 10): Upload =>
  new Upload(pictures(count, bytes), TO, store, 30, () => Promise.resolve());

describe("an upload", () => {
  it("of 75 pictures enters batches of 30, 30 and 15", async () => {
    const shelf = new Shelf();
    const run = upload(75, shelf);
    await run.run();
    expect(shelf.batches.map((batch) => batch.length)).toEqual([30, 30, 15]);
    expect(run.progress()).toMatchObject({ state: "completed", done: 75, bytes: 750, failures: [] });
    expect(shelf.batches[0]?.[0]).toEqual({
      source_ref: "s3://b/assets/p0.jpg",
      revision: null,
      image_labels: [],
      boxes: [],
      nothing_here: false,
      width: 100,
      height: 80,
    });
  });

  it("keeps an object of the same name, and takes the next one", async () => {
    const taken = new Set(["assets/p0.jpg", "assets/p0-2.jpg"]);
    const shelf = new Shelf((key) => {
      if (taken.has(key)) throw apiError(412);
    });
    await upload(1, shelf).run();
    expect(shelf.keys).toEqual(["assets/p0-3.jpg"]);
  });

  it("enters what an earlier upload stored, without a second copy", async () => {
    const shelf = new Shelf();
    shelf.keys.push("assets/p0.jpg");
    const [one] = pictures(1, 10);
    await new Upload([{ ...(one as Picture), isLeft: true }], TO, shelf, 30).run();
    expect(shelf.keys).toEqual(["assets/p0.jpg"]);
    expect(shelf.batches[0]?.[0]?.source_ref).toBe("s3://b/assets/p0.jpg");
  });

  it("waits for a server that is away", async () => {
    let left = 4;
    const shelf = new Shelf(() => {
      if (left-- > 0) throw new ConnectionLost();
    });
    const run = upload(2, shelf);
    await run.run();
    expect(run.progress().state).toBe("completed");
  });

  it("goes on without a picture that fails, names it, and tries it again", async () => {
    let isRefused = true;
    const shelf = new Shelf((key) => {
      if (key.endsWith("p1.jpg") && isRefused) throw apiError(403);
    });
    const run = upload(3, shelf);
    await run.run();
    expect(run.progress()).toMatchObject({ state: "failed", done: 2 });
    expect(run.progress().failures.map(({ name }) => name)).toEqual(["p1.jpg"]);
    isRefused = false;
    await run.run();
    expect(run.progress()).toMatchObject({ state: "completed", done: 3, failures: [] });
    expect(shelf.keys).toHaveLength(3);
  });

  it("gives up a file that cannot be read any more, at once", async () => {
    const shelf = new Shelf((key) => {
      if (key.endsWith("p1.jpg")) throw new UnreadableFile();
    });
    const run = upload(3, shelf);
    await run.run();
    expect(run.progress()).toMatchObject({ state: "failed", done: 2 });
    expect(run.progress().failures).toMatchObject([{ name: "p1.jpg", code: "FILE_UNREADABLE" }]);
  });

  it("stores no picture twice when an answer is lost", async () => {
    const shelf = new Shelf();
    shelf.losesAnswers = 1;
    const run = upload(20, shelf);
    await run.run();
    expect(run.progress()).toMatchObject({ state: "completed", done: 20 });
    expect(shelf.keys).toEqual(Array.from({ length: 20 }, (_, i) => `assets/p${i}.jpg`));
  });

  it("stores no picture twice when entering failed", async () => {
    const shelf = new Shelf();
    const enter = shelf.enter.bind(shelf);
    shelf.enter = () => Promise.reject(apiError(400));
    const run = upload(20, shelf);
    await run.run();
    expect(run.progress()).toMatchObject({ state: "failed", done: 0 });
    shelf.enter = enter;
    await run.run();
    expect(run.progress()).toMatchObject({ state: "completed", done: 20 });
    expect(shelf.keys).toHaveLength(20);
  });

  it("enters what was stored when it is cancelled, and goes on later", async () => {
    const shelf: Shelf = new Shelf(() => {
      if (shelf.keys.length === 40) run.cancel();
    });
    const run: Upload = upload(75, shelf, 300 << 10); // six a request
    await run.run();
    const { done, state } = run.progress();
    expect(state).toBe("cancelled");
    expect(done).toBe(36); // of the request that was broken off no answer came
    await run.run();
    expect(run.progress()).toMatchObject({ state: "completed", done: 75 });
    expect(new Set(shelf.keys)).toEqual(new Set(Array.from({ length: 75 }, (_, i) => `assets/p${i}.jpg`)));
  });
});

it("numbers names before their extension", () => {
  expect(numbered("a.b.jpg", 1)).toBe("a.b.jpg");
  expect(numbered("a.b.jpg", 2)).toBe("a.b-2.jpg");
  expect(numbered(".jpg", 3)).toBe(".jpg-3");
  expect(numbered("a", 4)).toBe("a-4");
});

it("groups neighbours up to two mebibytes, a larger file alone", () => {
  const files = [1, 1, 1, 3000, 5, 2000, 100].map((kib) => ({ file: new Blob([new Uint8Array(kib << 10)]) }));
  const sizes = groupsOf(files).map((group) => group.map(({ file }) => file.size >> 10));
  expect(sizes).toEqual([[1, 1, 1], [3000], [5, 2000], [100]]);
});
