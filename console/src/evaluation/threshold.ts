/** What a label's test results are at another threshold. */
import type { Curve, LabelReport } from "../api/versions.ts";

export interface Counts {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** The first point of the curve whose threshold is at least this one; -1 beyond the last. */
export function pointAt(curve: Curve, threshold: number): number {
  let [low, high] = [0, curve.thresholds.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((curve.thresholds[middle] ?? 1) < threshold) low = middle + 1;
    else high = middle;
  }
  return low < curve.thresholds.length ? low : -1;
}

export function counts(truePositives: number, passed: number, support: number): Counts {
  return {
    truePositives,
    falsePositives: passed - truePositives,
    falseNegatives: support - truePositives,
    precision: passed === 0 ? 0 : truePositives / passed,
    recall: support === 0 ? 0 : truePositives / support,
    f1: passed + support === 0 ? 0 : (2 * truePositives) / (passed + support),
  };
}

/** The results of one label when confidences from this threshold on pass. */
export function countsOf({ curve, support }: LabelReport, threshold: number): Counts {
  const at = pointAt(curve, threshold);
  if (at < 0) return counts(0, 0, support);
  const found = Math.round((curve.recall[at] ?? 0) * support);
  const precision = curve.precision[at] ?? 0;
  const passed = curve.passed?.[at] ?? (precision === 0 ? found : Math.round(found / precision));
  return counts(found, passed, support);
}

/** The sums over all labels at one threshold, as a MinConfidence sets it, with their mean figures. */
export function countsOfAll(labels: readonly LabelReport[], threshold: number | null): Counts {
  const tested = labels.filter(({ test_images }) => test_images > 0);
  const each = tested.map((label) => countsOf(label, threshold ?? label.threshold));
  const sum = (of: (one: Counts) => number): number => each.reduce((total, one) => total + of(one), 0);
  const mean = (of: (one: Counts) => number): number => (each.length === 0 ? 0 : sum(of) / each.length);
  return {
    truePositives: sum((one) => one.truePositives),
    falsePositives: sum((one) => one.falsePositives),
    falseNegatives: sum((one) => one.falseNegatives),
    precision: mean((one) => one.precision),
    recall: mean((one) => one.recall),
    f1: mean((one) => one.f1),
  };
}

/** A threshold in percent, as it is written and copied. */
export const percentText = (fraction: number): string => String(Number((100 * fraction).toFixed(1)));

/** What a field says as a fraction; null where it is no percentage. */
export function fractionOf(text: string | undefined): number | null {
  if (text === undefined || text.trim() === "") return null;
  const number = Number(text);
  return number >= 0 && number <= 100 ? number / 100 : null;
}

/**
 * The fractions that were chosen: of single labels, and of all where no label has its own. The
 * key of all is the empty text.
 */
export function chosenThresholds(
  typed: ReadonlyMap<string, string>,
  labels: readonly string[],
): ReadonlyMap<string, number> {
  const all = fractionOf(typed.get(""));
  return new Map(
    labels.flatMap((label): [string, number][] => {
      const own = typed.has(label) ? fractionOf(typed.get(label)) : all;
      return own === null ? [] : [[label, own]];
    }),
  );
}
