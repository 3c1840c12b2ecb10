/** Where the pictures of a dataset go: beside those it has, else into the console's bucket. */
import { type DatasetRow, listImages, listObjects, readSetup } from "../api/lensmith.ts";
import type { Destination } from "./upload.ts";

/** Pages of names read before names are left to the store's own answer. */
const MAX_PAGES = 20;
/** Pictures of a dataset a page: as many as the route gives. */
const PAGE = 500;

const folderOf = (key: string): string => key.slice(0, key.lastIndexOf("/") + 1);

/** Raises an Error if there is neither a picture nor a bucket of the console. */
export async function destinationOf(dataset: DatasetRow): Promise<Destination> {
  const page = await listImages(dataset.project, dataset.type, { limit: 1 });
  const [first] = page.images;
  if (first !== undefined) return { bucket: first.bucket, prefix: folderOf(first.key) };
  const { bucket } = await readSetup();
  if (bucket === null) throw new Error("no bucket of the console");
  const kind = dataset.type === "train" ? "training" : "test";
  return { bucket, prefix: `assets/${dataset.project}_${kind}_dataset/` };
}

/** File names at a destination. */
export interface Names {
  /** Of pictures that the dataset has. */
  readonly entered: ReadonlySet<string>;
  /** Of objects that it does not have: an upload stored them and ended before it entered them. */
  readonly left: ReadonlySet<string>;
}

/** The names that stand there already, as far as they are read. */
export async function namesAt(dataset: DatasetRow, to: Destination): Promise<Names> {
  const stored = await storedNames(to);
  const entered = stored.size === 0 ? new Set<string>() : await enteredNames(dataset, to);
  // What cannot be known for sure is taken for a picture of the dataset: none is entered twice.
  if (entered === null) return { entered: stored, left: new Set() };
  return { entered, left: new Set([...stored].filter((name) => !entered.has(name))) };
}

async function storedNames({ bucket, prefix }: Destination): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  let token: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { objects, next } = await listObjects(bucket, prefix, token);
    for (const { key } of objects) names.add(key.slice(prefix.length));
    if (next === null) break;
    token = next;
  }
  return names;
}

/** Null if the dataset has more pictures than are read. */
async function enteredNames(dataset: DatasetRow, to: Destination): Promise<ReadonlySet<string> | null> {
  const names = new Set<string>();
  for (let offset = 0, total = 1; offset < total; offset += PAGE) {
    if (offset >= PAGE * MAX_PAGES) return null;
    const page = await listImages(dataset.project, dataset.type, { offset, limit: PAGE });
    total = page.total;
    for (const { bucket, key } of page.images)
      if (bucket === to.bucket && key.startsWith(to.prefix)) names.add(key.slice(to.prefix.length));
  }
  return names;
}
