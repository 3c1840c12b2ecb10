/** What a version did lately, as numbers and curves for the screen. */
import type { Activity, ActivityPeriod } from "../api/versions.ts";

export interface Recent {
  /** A minute, over the last minutes. */
  readonly perMinute: number;
  readonly requests: number;
  readonly refused: number;
  readonly meanMs: number | null;
  readonly maxMs: number | null;
}

/** Sum up the last minutes; `activity` must be by minute. */
export function recent({ now_ms, periods }: Activity, minutes: number): Recent {
  const from = now_ms - minutes * 60_000;
  const last = periods.filter(({ start_ms }) => start_ms + 60_000 > from);
  const requests = last.reduce((sum, each) => sum + each.requests, 0);
  const refused = last.reduce((sum, each) => sum + each.throttled + each.errors, 0);
  const spent = last.reduce((sum, each) => sum + each.requests * (each.mean_ms ?? 0), 0);
  const most = last.flatMap(({ max_ms }) => (max_ms === null ? [] : [max_ms]));
  return {
    perMinute: requests / minutes,
    requests,
    refused,
    meanMs: requests === 0 ? null : spent / requests,
    maxMs: most.length === 0 ? null : Math.max(...most),
  };
}

export interface Point {
  readonly x: Date;
  readonly y: number;
}

/** One value a period from the first to now, with 0 where nothing happened. */
export function filled(
  { now_ms, period_seconds, periods }: Activity,
  hours: number,
  value: (period: ActivityPeriod) => number,
): readonly Point[] {
  const step = period_seconds * 1000;
  const known = new Map(periods.map((period) => [period.start_ms, value(period)]));
  const first = now_ms - hours * 3_600_000;
  const begin = first - (first % step) + step;
  const points: Point[] = [];
  for (let at = begin; at <= now_ms; at += step) points.push({ x: new Date(at), y: known.get(at) ?? 0 });
  return points;
}

/** Unit-hours of a period: its average units, for as long as it is. */
export const unitHours =
  ({ period_seconds }: Activity) =>
  ({ units, minutes }: ActivityPeriod): number =>
    period_seconds >= 3600 ? (units ?? 0) * Math.max(1, Math.ceil(minutes / 60)) : ((units ?? 0) * period_seconds) / 3600;
