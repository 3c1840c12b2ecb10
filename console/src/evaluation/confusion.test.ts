import { expect, it } from "vitest";
import type { EvaluationReport, LabelReport } from "../api/versions.ts";
import { confusedPairs, matrixOf } from "./confusion.ts";

const label = (name: string): LabelReport => ({ label: name }) as LabelReport;

const report = (confusion: EvaluationReport["confusion"], labels = [label("cup"), label("mug")]): EvaluationReport =>
  ({ labels, confusion }) as unknown as EvaluationReport;

const detector = report({
  counts: [
    [10, 4],
    [1, 6],
  ],
  missed: [2, 0],
  background: [0, 3],
});

it("has margins, and a row and a column for what has no partner", () => {
  const matrix = matrixOf(detector);
  expect(matrix.rows.map(({ label: name, total }) => [name, total])).toEqual([
    ["cup", 16],
    ["mug", 7],
    [null, 3],
  ]);
  expect(matrix.columns.map(({ total }) => total)).toEqual([11, 13, 2]);
  expect([matrix.mostRight, matrix.mostWrong]).toEqual([10, 4]);
  expect(matrix.cells[0]?.[2]?.filter).toEqual({ truth: "cup", unmatched: true });
  expect(matrix.cells[2]?.[1]?.filter).toEqual({ predicted: "mug", unmatched: true });
  expect(matrix.cells[0]?.[1]?.filter).toEqual({ truth: "cup", predicted: "mug" });
});

it("of a classifier is square", () => {
  const matrix = matrixOf(report({ counts: [[1, 0], [2, 3]], missed: null, background: null }));
  expect([matrix.rows.length, matrix.columns.length]).toEqual([2, 2]);
});

it("lists the most confused first", () => {
  expect(confusedPairs(matrixOf(detector)).map((pair) => [pair.truth, pair.predicted, pair.count, pair.total])).toEqual([
    ["cup", "mug", 4, 16],
    [null, "mug", 3, 13],
    ["cup", null, 2, 16],
    ["mug", "cup", 1, 7],
  ]);
});
