/** The curves of a training, thinned to what a chart can show. */
import type { TrainingPoint } from "../api/versions.ts";

export interface PhaseCurve {
  readonly phase: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

const MAX_POINTS = 150;

/** One curve for each phase that reported the value at least twice. */
export function curves(history: readonly TrainingPoint[], value: "loss" | "metric"): readonly PhaseCurve[] {
  const phases = new Map<string, { x: number; y: number }[]>();
  for (const point of history) {
    const y = point[value];
    if (y === null || y === undefined || !Number.isFinite(y)) continue;
    const points = phases.get(point.phase) ?? [];
    points.push({ x: point.seconds, y });
    phases.set(point.phase, points);
  }
  return [...phases]
    .filter(([, points]) => points.length > 1)
    .map(([phase, points]) => ({ phase, points: thinned(points) }));
}

function thinned<Point>(points: readonly Point[]): readonly Point[] {
  if (points.length <= MAX_POINTS) return points;
  const step = (points.length - 1) / (MAX_POINTS - 1);
  return Array.from({ length: MAX_POINTS }, (_, i) => points[Math.round(i * step)] as Point);
}
