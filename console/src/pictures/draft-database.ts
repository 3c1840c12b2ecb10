/** Keeps drafts in IndexedDB, so that they outlive a reload, a crash and the server's death. */
import type { Draft, PendingSave } from "./drafts.ts";

const NAME = "lensmith-labelling";
const VERSION = 1;
const DRAFTS = "drafts";
const SAVES = "saves";

interface Row<Value> {
  /** User, project and kind of dataset. */
  readonly scope: string;
  /** The tab that edits it. */
  readonly owner: string;
  readonly key: string;
  readonly at: number;
  readonly value: Value;
}

export interface Restored {
  readonly drafts: readonly Draft[];
  readonly saves: readonly PendingSave[];
}

export interface DraftDatabase {
  /** Read the drafts of this tab, and take over those of tabs that are gone. */
  restore(scope: string, owner: string, isGone: (owner: string) => Promise<boolean>): Promise<Restored>;
  /** Write or, with null, delete. */
  write(
    scope: string,
    owner: string,
    drafts: ReadonlyMap<string, Draft | null>,
    saves: ReadonlyMap<string, PendingSave | null>,
  ): Promise<void>;
}

const finished = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.addEventListener("complete", () => resolve());
        // An error aborts, too.
    transaction.addEventListener("abort", () =>
      reject(transaction.error ?? new Error("transaction aborted")),
    );
  });

const answer = <Value>(request: IDBRequest<Value>): Promise<Value> =>
  new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("request failed")));
  });

function open(factory: IDBFactory): Promise<IDBDatabase> {
  const request = factory.open(NAME, VERSION);
  request.addEventListener("upgradeneeded", () => {
    for (const store of [DRAFTS, SAVES]) {
      request.result
        .createObjectStore(store, { keyPath: ["scope", "owner", "key"] })
        .createIndex("scope", "scope");
    }
  });
  return answer(request);
}

/** Open the database of this browser. Rejects where the browser keeps none. */
export async function openDraftDatabase(factory: IDBFactory = indexedDB): Promise<DraftDatabase> {
  const database = await open(factory);
  // Another tab with a newer version of the console may want to upgrade.
  database.addEventListener("versionchange", () => database.close());
  const rows = <Value>(store: string, scope: string): Promise<Row<Value>[]> =>
    answer(database.transaction(store).objectStore(store).index("scope").getAll(scope));

  return {
    async restore(scope, owner, isGone) {
      const owners = new Set<string>();
      for (const store of [DRAFTS, SAVES]) {
        for (const row of await rows(store, scope)) owners.add(row.owner);
      }
      const taken = new Set([owner]);
      await Promise.all(
        [...owners].map(async (one) => one !== owner && (await isGone(one)) && taken.add(one)),
      );
      const transaction = database.transaction([DRAFTS, SAVES], "readwrite");
      const done = finished(transaction);
      // One transaction reads and moves, so that of two new tabs only one takes a draft over.
      const [drafts, saves] = await Promise.all([
        adopt<Draft>(transaction.objectStore(DRAFTS), scope, owner, taken),
        adopt<PendingSave>(transaction.objectStore(SAVES), scope, owner, taken),
      ]);
      await done;
      return { drafts, saves };
    },
    async write(scope, owner, drafts, saves) {
      const transaction = database.transaction([DRAFTS, SAVES], "readwrite");
      const done = finished(transaction);
      const put = (store: string, changes: ReadonlyMap<string, unknown>): void => {
        for (const [key, value] of changes) {
          if (value === null) transaction.objectStore(store).delete([scope, owner, key]);
          else transaction.objectStore(store).put({ scope, owner, key, at: Date.now(), value });
        }
      };
      put(DRAFTS, drafts);
      put(SAVES, saves);
      // At once: a page that goes away would not come back to let it commit by itself.
      transaction.commit();
      await done;
    },
  };
}

/** Move the rows of `taken` owners to `owner`; of two for the same key the newer one stays. */
async function adopt<Value>(
  store: IDBObjectStore,
  scope: string,
  owner: string,
  taken: ReadonlySet<string>,
): Promise<readonly Value[]> {
  const all: Row<Value>[] = await answer(store.index("scope").getAll(scope));
  const newest = new Map<string, Row<Value>>();
  for (const row of all.filter((one) => taken.has(one.owner)).toSorted((a, b) => a.at - b.at)) {
    newest.set(row.key, row);
    if (row.owner !== owner) store.delete([scope, row.owner, row.key]);
  }
  for (const row of newest.values()) if (row.owner !== owner) store.put({ ...row, owner });
  return [...newest.values()].map((row) => row.value);
}
