/** The labels under a picture of the gallery, and how many of them have room. */
import type { DatasetImage } from "../api/lensmith.ts";

/** Chips beyond these are counted. */
const MIN_CHIPS = 2;
const MAX_CHIPS = 3;
/** What fits side by side, in characters; the swatch and the edges of a chip take as much as some. */
const ROOM = 30;
const EDGES = 5;

export interface Chip {
  readonly label: string;
  readonly boxes: number;
}

/** The labels of a picture, those of the whole picture first, each with its number of boxes. */
export function chipsOf(image: Pick<DatasetImage, "image_labels" | "boxes">): readonly Chip[] {
  const counts = new Map<string, number>();
  for (const label of image.image_labels) counts.set(label, 0);
  for (const { label } of image.boxes) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].map(([label, boxes]) => ({ label, boxes }));
}

/** How many of a picture's chips can be read side by side; two are shown, however long. */
export function chipsInSight(chips: readonly Chip[]): number {
  let used = 0;
  const fits = ({ label, boxes }: Chip): boolean => {
    used += label.length + EDGES + (boxes > 1 ? 1 + String(boxes).length : 0);
    return used <= ROOM;
  };
  const cut = chips.findIndex((chip) => !fits(chip));
  return Math.min(MAX_CHIPS, Math.max(MIN_CHIPS, cut === -1 ? chips.length : cut));
}
