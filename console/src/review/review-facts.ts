/** What a review says of itself, and how its manifest is divided. Pure. */
import type { Review, ReviewReport, ReviewSource } from "../api/reviews.ts";
import type { Words } from "../words/language.ts";

export const answered = ({ counts }: Review): number =>
  counts.confirmed + counts.corrected + counts.rejected + counts.skipped;

export const toAnswer = (review: Review): number => answered(review) + review.counts.pending;

export const verified = ({ counts }: Review): number => counts.confirmed + counts.corrected;

export function sourceText(t: Words["review"], source: ReviewSource): string {
  if (source.kind === "dataset") return t.sources.dataset[source.type];
  if (source.kind === "captured") return t.sources.captured;
  return `s3://${source.bucket}/${source.prefix}`;
}

/** A number that stays the same for a line, so that dividing twice divides alike (FNV-1a). */
function numberOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  }
  return hash;
}

/** Divide lines into those to train with and those to test with; `percent` of them test. */
export function divided(
  lines: readonly string[],
  percent: number,
): { readonly train: readonly string[]; readonly test: readonly string[] } {
  const count = Math.min(lines.length, Math.round((lines.length * percent) / 100));
  const order = lines.toSorted((a, b) => numberOf(a) - numberOf(b) || (a < b ? -1 : 1));
  const test = new Set(order.slice(0, count));
  return { train: lines.filter((line) => !test.has(line)), test: lines.filter((line) => test.has(line)) };
}

const MAX_CHUNK = 4_500_000;

/** Pack lines into requests below the 5 MB of UpdateDatasetEntries. */
export function chunks(lines: readonly string[], most = MAX_CHUNK): readonly string[] {
  const packed: string[] = [];
  let [current, size] = [[] as string[], 0];
  const flush = (): void => {
    if (current.length > 0) packed.push(`${current.join("\n")}\n`);
    [current, size] = [[], 0];
  };
  for (const line of lines) {
    const bytes = new TextEncoder().encode(line).length + 1;
    if (size + bytes > most) flush();
    current.push(line);
    size += bytes;
  }
  flush();
  return packed;
}

export type TestWarning = "only" | "now" | null;

/** Whether test data come from predictions alone: now, or once `added` pictures are among them. */
export function testWarning(data: ReviewReport["test_data"], added: boolean): TestWarning {
  const others = data === null ? 0 : data.entries - data.from_feedback;
  if (others > 0) return null;
  if (added) return "only";
  return data !== null && data.entries > 0 ? "now" : null;
}
