import { expect, it } from "vitest";
import type { Activity } from "../api/versions.ts";
import { filled, recent, unitHours } from "./activity.ts";

const MINUTE = 60_000;
const quiet = { requests: 0, throttled: 0, errors: 0, mean_ms: null, max_ms: null, units: null, minutes: 0 };
const activity: Activity = {
  period_seconds: 60,
  now_ms: 100 * MINUTE + 30_000,
  periods: [
    { ...quiet, start_ms: 50 * MINUTE, requests: 100, mean_ms: 1000, max_ms: 2000 },
    { ...quiet, start_ms: 98 * MINUTE, requests: 10, mean_ms: 20, max_ms: 90, units: 2, minutes: 1 },
    { ...quiet, start_ms: 100 * MINUTE, requests: 30, mean_ms: 40, max_ms: 60, throttled: 3, errors: 1 },
  ],
};

it("sums up the last minutes, weighing times by requests", () => {
  expect(recent(activity, 5)).toEqual({ perMinute: 8, requests: 40, refused: 4, meanMs: 35, maxMs: 90 });
  expect(recent({ ...activity, periods: [] }, 5)).toMatchObject({ requests: 0, meanMs: null, maxMs: null });
});

it("fills what is missing with zeros up to now", () => {
  const points = filled(activity, 1, ({ requests }) => requests);
  expect(points).toHaveLength(60);
  expect(points.at(-1)).toEqual({ x: new Date(100 * MINUTE), y: 30 });
  expect(points.reduce((sum, { y }) => sum + y, 0)).toBe(140);
});

it("counts unit-hours by the average of an hour, as lensmith usage does", () => {
  const hour = { ...quiet, start_ms: 0, units: 1.5, minutes: 30 };
  expect(unitHours({ ...activity, period_seconds: 3600 })(hour)).toBe(1.5);
  expect(unitHours(activity)({ ...hour, units: 3 })).toBe(0.05);
});
