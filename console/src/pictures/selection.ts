/** Select pictures on a page: click, Shift ranges, all. Pure; keys in the order of the page. */

export interface Selection {
  readonly keys: ReadonlySet<string>;
  /** Where the next Shift range starts. */
  readonly anchor: string | null;
  /** What the last Shift range covered, so that the next one replaces it. */
  readonly range: readonly string[];
  /** Labels were given to it: the next plain click begins another selection. */
  readonly isLabelled?: boolean;
}

export const NOTHING: Selection = { keys: new Set(), anchor: null, range: [] };

export const labelled = (selection: Selection): Selection => ({ ...selection, isLabelled: true });

/** Add or remove one, as Ctrl+click does. */
export function toggled(selection: Selection, key: string): Selection {
  const keys = new Set(selection.keys);
  if (!keys.delete(key)) keys.add(key);
  return { keys, anchor: key, range: [] };
}

/** Add or remove one, as a click does; one outside a labelled selection replaces it. */
export function clicked(selection: Selection, key: string): Selection {
  return toggled(selection.isLabelled && !selection.keys.has(key) ? NOTHING : selection, key);
}

/** Extend from the anchor to `key`, as Shift+click does. */
export function ranged(selection: Selection, key: string, page: readonly string[]): Selection {
  const from = selection.anchor === null ? -1 : page.indexOf(selection.anchor);
  const to = page.indexOf(key);
  if (from === -1 || to === -1) return toggled(selection, key);
  const range = page.slice(Math.min(from, to), Math.max(from, to) + 1);
  const keys = new Set(selection.keys);
  for (const one of selection.range) keys.delete(one);
  for (const one of range) keys.add(one);
  return { keys, anchor: selection.anchor, range };
}

export function all(page: readonly string[]): Selection {
  return { keys: new Set(page), anchor: page[0] ?? null, range: [] };
}

/** Whether all, some or none of the pictures have something: a tri-state box. */
export function share(count: number, total: number): "all" | "some" | "none" {
  return count === 0 ? "none" : count === total ? "all" : "some";
}

/** Write positions as ranges, `1-3,8`, short enough for an address. */
export function writeRanges(positions: readonly number[]): string {
  const sorted = [...new Set(positions)].toSorted((a, b) => a - b);
  const parts: string[] = [];
  for (let i = 0; i < sorted.length; ) {
    let end = i;
    while (sorted[end + 1] === (sorted[end] ?? 0) + 1) end += 1;
    parts.push(end === i ? `${sorted[i]}` : `${sorted[i]}-${sorted[end]}`);
    i = end + 1;
  }
  return parts.join(",");
}

/** Read ranges from an address; what is not a position from 1 to `most` is dropped. */
export function readRanges(text: string, most: number): readonly number[] {
  const positions = new Set<number>();
  for (const part of text.split(",")) {
    const found = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part.trim());
    if (found === null) continue;
    const from = Math.max(1, Number(found[1]));
    const to = Math.min(most, Number(found[2] ?? found[1]));
    for (let position = from; position <= to; position += 1) positions.add(position);
  }
  return [...positions].toSorted((a, b) => a - b);
}
