/** What a model found in the frames of a video, as stretches of time for each label. */
import type { CustomLabel } from "../api/rekognition.ts";
import { csvOf, shownLabels, type View } from "./tried.ts";

export interface Frame {
  readonly seconds: number;
  readonly labels: readonly CustomLabel[];
  readonly milliseconds: number;
}

export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** The highest in it, in percent. */
  readonly confidence: number;
}

export interface Lane {
  readonly label: string;
  readonly stretches: readonly Stretch[];
}

/** The moments to look at: each `step` seconds from the beginning, at most `most` of them. */
export function momentsOf(duration: number, step: number, most: number): readonly number[] {
  const count = Math.min(most, Math.max(1, Math.ceil(duration / step)));
  // The last frame of many files cannot be sought, so the end itself is left out.
  return Array.from({ length: count }, (_, at) => Math.min(at * step, Math.max(0, duration - 0.05)));
}

/** Join neighbouring frames with the same label; a frame stands for the time until the next. */
export function lanesOf(
  frames: readonly Frame[],
  step: number,
  duration: number,
  view: View,
  thresholds: ReadonlyMap<string, number>,
): readonly Lane[] {
  const lanes = new Map<string, Stretch[]>();
  for (const { seconds, labels } of frames) {
    const best = new Map<string, number>();
    for (const { Name = "", Confidence = 0 } of shownLabels(labels, view, thresholds)) {
      best.set(Name, Math.max(best.get(Name) ?? 0, Confidence));
    }
    for (const [label, confidence] of best) {
      const lane = lanes.get(label) ?? [];
      lanes.set(label, lane);
      const to = Math.min(duration, seconds + step);
      const last = lane.at(-1);
      if (last !== undefined && seconds - last.to < step / 2) {
        lane[lane.length - 1] = { from: last.from, to, confidence: Math.max(last.confidence, confidence) };
      } else lane.push({ from: seconds, to, confidence });
    }
  }
  return [...lanes].map(([label, stretches]) => ({ label, stretches })).toSorted((a, b) => (a.label < b.label ? -1 : 1));
}

/** One row a label and frame. */
export const framesCsv = (video: string, frames: readonly Frame[]): string =>
  csvOf([
    ["video", "seconds", "label", "confidence", "left", "top", "width", "height"],
    ...frames.flatMap(({ seconds, labels }) =>
      labels.map(({ Name = "", Confidence = 0, Geometry }) => {
        const { Left, Top, Width, Height } = Geometry?.BoundingBox ?? {};
        return [video, Number(seconds.toFixed(3)), Name, Confidence, Left ?? "", Top ?? "", Width ?? "", Height ?? ""];
      }),
    ),
  ]);

export const clock = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
