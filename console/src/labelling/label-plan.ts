/** What the label manager changes: rows as edited, and what follows for the server. Pure. */
import type { DatasetLabel } from "../api/lensmith.ts";
import { isColour } from "../pictures/label-colours.ts";

export const MAX_LABELS = 250;
export const MAX_NAME = 255;

export interface LabelRow {
  readonly id: string;
  /** The name the server knows; null for a label that is new. */
  readonly before: string | null;
  readonly name: string;
  readonly color: string;
  readonly key: string | null;
  readonly images: number;
  readonly boxes: number;
}

export type NameProblem = "empty" | "long" | "taken" | "many";

export const rowOf = (label: DatasetLabel, color: string, key: string | null): LabelRow => ({
  id: label.name,
  before: label.name,
  name: label.name,
  color,
  key,
  images: label.images,
  boxes: label.boxes,
});

/** A row with the pictures that use its label now: some may have been saved since it was made. */
export function asUsed(row: LabelRow, now: readonly DatasetLabel[]): LabelRow {
  const { images, boxes } = now.find(({ name }) => name === row.before) ?? row;
  return { ...row, images, boxes };
}

/** Say what is wrong with a name among the others, or null. Names are case-sensitive. */
export function problemOf(name: string, others: readonly string[]): NameProblem | null {
  if (name.trim() === "") return "empty";
  if ([...name].length > MAX_NAME) return "long";
  if (others.includes(name)) return "taken";
  return others.length >= MAX_LABELS ? "many" : null;
}

export interface LabelPlan {
  readonly renamed: readonly { readonly from: string; readonly to: string }[];
  /** Labels in use whose removal strips them from pictures and boxes. */
  readonly removed: readonly string[];
  readonly put: readonly { readonly name: string; readonly color: string | null; readonly key: string | null }[];
}

/**
 * Plan the requests: from the rows as they were at first to those wanted, for the labels that there
 * are now; what somebody else added in between stays. A name freed by a rename may be taken by
 * another: renames that would meet go in an order that avoids it, and through a name in between
 * where two labels swap theirs.
 */
export function planOf(
  first: readonly LabelRow[],
  rows: readonly LabelRow[],
  now: readonly DatasetLabel[],
): LabelPlan {
  const known = new Set(first.map((row) => row.before));
  const kept = new Set(rows.map((row) => row.before));
  const gone = now.filter(({ name }) => known.has(name) && !kept.has(name));
  const names = new Set(rows.map(({ name }) => name));
  const keys = new Set(rows.map(({ key }) => key));
  const added = now.filter(({ name }) => !known.has(name) && !names.has(name));
  const put = [
    ...rows.map(({ name, color, key }) => ({ name, color: isColour(color) ? color : null, key })),
    ...added.map(({ name, color, key }) => ({ name, color, key: keys.has(key) ? null : key })),
  ];
  return {
    renamed: ordered(
      rows.flatMap(({ before: from, name: to }) => (from === null || from === to ? [] : [{ from, to }])),
    ),
    removed: gone.filter(({ images, boxes }) => images + boxes > 0).map(({ name }) => name),
    put,
  };
}

type Rename = LabelPlan["renamed"][number];

function ordered(renames: readonly Rename[]): readonly Rename[] {
  let waiting = [...renames];
  const steps: Rename[] = [];
  while (waiting.length > 0) {
    const free = waiting.find(({ to }) => waiting.every(({ from }) => from !== to));
    if (free !== undefined) {
      steps.push(free);
      waiting = waiting.filter((one) => one !== free);
      continue;
    }
    const [first] = waiting as [Rename, ...Rename[]];
    const between = `${first.from} (renamed)`;
    steps.push({ from: first.from, to: between });
    waiting = waiting.map((one) => (one === first ? { from: between, to: first.to } : one));
  }
  return steps;
}
