/** Keeps the verdicts of a page in this tab until they are saved. */
import type { Verdict } from "./verdicts.ts";

type Kept = readonly (readonly [string, Verdict])[];

const keyOf = (review: string): string => `lensmith.review.${review}`;

export function readVerdicts(review: string, storage: Storage = sessionStorage): ReadonlyMap<string, Verdict> {
  try {
    return new Map(JSON.parse(storage.getItem(keyOf(review)) ?? "[]") as Kept);
  } catch {
    return new Map();
  }
}

export function keepVerdicts(
  review: string,
  verdicts: ReadonlyMap<string, Verdict>,
  storage: Storage = sessionStorage,
): void {
  try {
    if (verdicts.size === 0) storage.removeItem(keyOf(review));
    else storage.setItem(keyOf(review), JSON.stringify([...verdicts] satisfies Kept));
  } catch {
    // Without storage they last as long as the grid is shown.
  }
}
