import { expect, it } from "vitest";
import type { TrainingPoint } from "../api/versions.ts";
import { curves } from "./curves.ts";

const point = (seconds: number, phase: string, loss: number | null): TrainingPoint => ({
  seconds,
  phase,
  step: seconds,
  loss,
  metric: null,
});

it("makes one curve for each phase with two points or more", () => {
  const history = [point(1, "a", 3), point(2, "a", null), point(3, "a", 2), point(4, "b", 1)];
  expect(curves(history, "loss")).toEqual([
    { phase: "a", trial: null, points: [{ x: 1, y: 3 }, { x: 3, y: 2 }] },
  ]);
  expect(curves(history, "metric")).toEqual([]);
});

const trialOf = (trial: number) => [1, 2].map((seconds) => ({ ...point(seconds, "trial", 1), trial }));

it("keeps trials of one phase apart", () => {
  expect(curves([...trialOf(1), ...trialOf(2)], "loss").map(({ trial }) => trial)).toEqual([1, 2]);
});

it("keeps the first and the last of many points", () => {
  const [found] = curves(
    Array.from({ length: 1000 }, (_, i) => point(i, "a", i)),
    "loss",
  );
  expect(found?.points.length).toBe(150);
  expect([found?.points[0]?.x, found?.points.at(-1)?.x]).toEqual([0, 999]);
});
