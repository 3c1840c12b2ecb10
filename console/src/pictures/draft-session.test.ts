import { IDBFactory } from "fake-indexeddb";
import { describe, expect, it } from "vitest";
import { ApiError, ConnectionLost } from "../api/errors.ts";
import type { DatasetImage, EntryChange, SavedEntries } from "../api/lensmith.ts";
import { openDraftDatabase } from "./draft-database.ts";
import { uuid } from "../api/uuid.ts";
import { claimDraftOwner, type DraftOwner } from "./draft-owner.ts";
import { DraftSession, type SaveEntries } from "./draft-session.ts";
import { unsaved } from "./drafts.ts";
import { withImageLabel } from "./labels.ts";

const KEY = "s3://b/a.jpg";
const image: DatasetImage = {
  source_ref: KEY,
  bucket: "b",
  key: "a.jpg",
  name: "a.jpg",
  width: 640,
  height: 480,
  image_labels: [],
  boxes: [],
  nothing_here: false,
  errors: [],
  revision: "r1",
};
const owner = (id: string, open: readonly string[] = []): DraftOwner => ({
  id,
  isGone: async (one) => !open.includes(one),
  close: () => undefined,
});
const saved = (changes: readonly EntryChange[]): SavedEntries => ({
  saved: changes.map((change) => ({ source_ref: change.source_ref, revision: "r2" })),
  conflicts: [],
  rejected: [],
});
const refuses: SaveEntries = () => Promise.reject(new ConnectionLost());

async function tab(factory: IDBFactory, who: DraftOwner, save: SaveEntries = refuses): Promise<DraftSession> {
  const session = new DraftSession("scope", who, await openDraftDatabase(factory), save);
  await session.restore();
  await session.load(async () => [image]);
  return session;
}

function assign(session: DraftSession, label: string): void {
  const draft = session.drafts().byKey.get(KEY);
  if (draft === undefined) throw new Error("not loaded");
  session.dispatch({
    type: "edited",
    kind: "assign",
    press: null,
    changes: new Map([[KEY, withImageLabel(draft.labels, label)]]),
  });
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));
const names = (session: DraftSession): readonly string[] | undefined =>
  session.drafts().byKey.get(KEY)?.labels.imageLabels;

describe("drafts", () => {
  it("survive a reload and a crash", async () => {
    const factory = new IDBFactory();
    assign(await tab(factory, owner("one")), "kitchen");
    await settled();
    expect(names(await tab(factory, owner("one")))).toEqual(["kitchen"]);
    expect(names(await tab(factory, owner("two")))).toEqual(["kitchen"]);
    expect(names(await tab(factory, owner("one", ["two"])))).toEqual([]);
  });

  it("stay with a tab that is open", async () => {
    const factory = new IDBFactory();
    assign(await tab(factory, owner("one")), "kitchen");
    await settled();
    expect(names(await tab(factory, owner("two", ["one"])))).toEqual([]);
  });

  it("are gone once they are saved", async () => {
    const factory = new IDBFactory();
    const session = await tab(factory, owner("one"), async (_, changes) => saved(changes));
    assign(session, "kitchen");
    await session.save();
    expect([unsaved(session.drafts()), session.saving().error]).toEqual([[], null]);
    await settled();
    expect(names(await tab(factory, owner("one")))).toEqual([]);
  });

  it("are sent with the same id again when the answer was lost, even after a crash", async () => {
    const factory = new IDBFactory();
    const sent: string[] = [];
    const lost: SaveEntries = (id) => {
      sent.push(id);
      return Promise.reject(new ConnectionLost());
    };
    const session = await tab(factory, owner("one"), lost);
    assign(session, "kitchen");
    await session.save();
    expect(session.saving().error).toBeInstanceOf(ConnectionLost);
    const again = await tab(factory, owner("two"), async (id, changes) => {
      sent.push(id);
      return saved(changes);
    });
    expect(names(again)).toEqual(["kitchen"]);
    await again.save();
    expect(sent).toHaveLength(2);
    expect(sent[0]).toBe(sent[1]);
    expect(unsaved(again.drafts())).toEqual([]);
  });

  it("are sent once when Save is pressed twice", async () => {
    const sent: string[] = [];
    const session = await tab(new IDBFactory(), owner("one"), async (id, changes) => {
      sent.push(id);
      await settled();
      return saved(changes);
    });
    assign(session, "kitchen");
    await Promise.all([session.save(), session.save()]);
    expect(sent).toHaveLength(1);
  });

  it("forget a request that the server refused, and keep the labels", async () => {
    const session = await tab(new IDBFactory(), owner("one"), () =>
      Promise.reject(new ApiError("AccessDenied", "no", null, 400)),
    );
    assign(session, "kitchen");
    await session.save();
    expect([session.drafts().saves, unsaved(session.drafts()).length]).toEqual([[], 1]);
  });

  it("are saved over a revision that moved without changing anything", async () => {
    const revisions: unknown[] = [];
    const session = await tab(new IDBFactory(), owner("one"), async (_, changes) => {
      const [change] = changes;
      revisions.push(change?.revision);
      return change?.revision === "r7"
        ? saved(changes)
        : { saved: [], rejected: [], conflicts: [{ source_ref: KEY, image: { ...image, revision: "r7" } }] };
    });
    assign(session, "kitchen");
    await session.save();
    expect([revisions, unsaved(session.drafts())]).toEqual([["r1", "r7"], []]);
  });

  it("are not undone by a page that was read before they were saved", async () => {
    const session = await tab(new IDBFactory(), owner("one"), async (_, changes) => saved(changes));
    assign(session, "kitchen");
    await session.load(async () => {
      await session.save();
      return [image];
    });
    expect(names(session)).toEqual(["kitchen"]);
  });
});

const storage = (held: Record<string, string> = {}): Storage =>
  ({
    getItem: (name: string) => held[name] ?? null,
    setItem: (name: string, value: string) => {
      held[name] = value;
    },
  }) as unknown as Storage;

describe("tabs", () => {
  it("keep their id over a reload, and a copied tab gets its own", async () => {
    const kept = storage();
    const first = await claimDraftOwner(kept);
    const copy = await claimDraftOwner(kept);
    expect(copy.id).not.toBe(first.id);
    expect(await copy.isGone(first.id)).toBe(false);
    first.close();
    expect(await copy.isGone(first.id)).toBe(true);
    copy.close();
    const reloaded = await claimDraftOwner(kept);
    expect(reloaded.id).toBe(copy.id);
    reloaded.close();
  });

  it("make ids in the form of UUIDs", () => {
    expect(uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
