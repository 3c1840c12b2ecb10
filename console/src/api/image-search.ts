/** Gathers a page of a search by name, of which the server looks only a bounded way at a time. */
import type { ImagesFilter, ImagesPage } from "./lensmith.ts";

/** What the server says of a part of the dataset. */
export interface SearchedPart extends Omit<ImagesPage, "isOpen"> {
  /** Where the next page begins; null on the last. */
  readonly next: number | null;
  /** Whether it looked at the whole rest, so that `total` counts all in it. */
  readonly complete: boolean;
}

const USUAL_LIMIT = 50;

/**
 * Ask on until the page is full and one picture more is known, or the dataset is at its end.
 *
 * `total` counts the pictures found so far, all of them unless `isOpen`.
 */
export async function searched(
  ask: (filter: ImagesFilter) => Promise<SearchedPart>,
  filter: ImagesFilter,
): Promise<ImagesPage> {
  const { offset = 0, limit = USUAL_LIMIT } = filter;
  let part = await ask({ ...filter, offset, limit, after: "start" });
  const images = [...part.images];
  let total = part.total;
  while (!part.complete && total <= offset + limit) {
    const wanted = limit - images.length;
    part = await ask({
      ...filter,
      ...(part.next === null ? {} : { after: part.next }),
      offset: Math.max(0, offset - total),
      limit: Math.max(1, wanted),
    });
    images.push(...part.images.slice(0, wanted));
    total += part.total;
  }
  const { revision, counts } = part;
  return { revision, counts, total, images, isOpen: !part.complete };
}
