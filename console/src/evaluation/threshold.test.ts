import { expect, it } from "vitest";
import type { LabelReport } from "../api/versions.ts";
import { countsOf, countsOfAll, pointAt, chosenThresholds, fractionOf, percentText } from "./threshold.ts";

// Confidences 0.2 (wrong), 0.4 (right), 0.6 (right), 0.8 (wrong); one more is missed.
const label: LabelReport = {
  label: "a",
  threshold: 0.4,
  precision: 2 / 3,
  recall: 2 / 3,
  f1_score: 2 / 3,
  true_positives: 2,
  false_positives: 1,
  false_negatives: 1,
  test_images: 3,
  support: 3,
  average_precision: 0.5,
  curve: {
    thresholds: [0.2, 0.4, 0.6, 0.8],
    precision: [0.5, 0.666667, 0.5, 0],
    recall: [0.666667, 0.666667, 0.333333, 0],
    f1_score: [0.571429, 0.666667, 0.4, 0],
    passed: [4, 3, 2, 1],
  },
};

it("finds the confidences that pass", () => {
  expect(pointAt(label.curve, 0)).toBe(0);
  expect(pointAt(label.curve, 0.4)).toBe(1);
  expect(pointAt(label.curve, 0.41)).toBe(2);
  expect(pointAt(label.curve, 0.9)).toBe(-1);
});

it("counts at the assumed threshold as the report does", () => {
  expect(countsOf(label, label.threshold)).toMatchObject({ truePositives: 2, falsePositives: 1, falseNegatives: 1 });
});

it("counts at any other, false positives without a true one included", () => {
  expect(countsOf(label, 0.7)).toMatchObject({ truePositives: 0, falsePositives: 1, falseNegatives: 3, f1: 0 });
  expect(countsOf(label, 0.1)).toMatchObject({ truePositives: 2, falsePositives: 2, falseNegatives: 1 });
  expect(countsOf(label, 1)).toMatchObject({ truePositives: 0, falsePositives: 0, falseNegatives: 3 });
});

it("sums labels at one threshold, or at each its own", () => {
  const rare = { ...label, label: "b", threshold: 0.8 };
  expect(countsOfAll([label, rare], null)).toMatchObject({ truePositives: 2, falsePositives: 2, falseNegatives: 4 });
  expect(countsOfAll([label, rare], 0.4)).toMatchObject({ truePositives: 4, falsePositives: 2, falseNegatives: 2 });
  expect(countsOfAll([label, { ...rare, test_images: 0 }], 0.4).recall).toBeCloseTo(2 / 3);
});

it("reads percentages and writes them", () => {
  expect(["12.5", "", "101", "-1", "x", undefined].map(fractionOf)).toEqual([0.125, null, null, null, null, null]);
  expect(percentText(0.123456)).toBe("12.3");
});

it("chooses for all labels what no label has of its own", () => {
  const typed = new Map([["", "40"], ["a", "10"], ["b", "x"]]);
  expect([...chosenThresholds(typed, ["a", "b", "c"])]).toEqual([["a", 0.1], ["c", 0.4]]);
  expect([...chosenThresholds(new Map(), ["a"])]).toEqual([]);
});
