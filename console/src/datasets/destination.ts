/** Where the pictures of a dataset go: beside those it has, else into the console's bucket. */
import { type DatasetRow, listImages, listObjects, readSetup } from "../api/lensmith.ts";
import type { Destination } from "./upload.ts";

/** Pages of names read before names are left to the store's own answer. */
const MAX_PAGES = 20;

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

/** The file names that stand there already, as far as they were read. */
export async function namesAt({ bucket, prefix }: Destination): Promise<ReadonlySet<string>> {
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
