/** The curves of a training, thinned to what a chart can show. */
import type { TrainingPoint } from "../api/versions.ts";

export interface PhaseCurve {
  readonly phase: string;
  readonly trial: number | null;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

const MAX_POINTS = 150;

/** One curve for each phase, and each of its trials, that reported the value at least twice. */
export function curves(history: readonly TrainingPoint[], value: "loss" | "metric"): readonly PhaseCurve[] {
  const found = new Map<string, { phase: string; trial: number | null; points: { x: number; y: number }[] }>();
  for (const point of history) {
    const y = point[value];
    if (y === null || y === undefined || !Number.isFinite(y)) continue;
    const { phase, trial = null } = point;
    const key = `${phase} ${trial}`;
    const curve = found.get(key) ?? { phase, trial, points: [] };
    curve.points.push({ x: point.seconds, y });
    found.set(key, curve);
  }
  return [...found.values()]
    .filter(({ points }) => points.length > 1)
    .map((curve) => ({ ...curve, points: thinned(curve.points) }));
}

function thinned<Point>(points: readonly Point[]): readonly Point[] {
  if (points.length <= MAX_POINTS) return points;
  const step = (points.length - 1) / (MAX_POINTS - 1);
  return Array.from({ length: MAX_POINTS }, (_, i) => points[Math.round(i * step)] as Point);
}
