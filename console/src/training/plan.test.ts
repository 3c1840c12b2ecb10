import { expect, it } from "vitest";
import type { DatasetKind, DatasetLabel, DatasetRow } from "../api/lensmith.ts";
import { type Contents, isVersionName, kindOf, plan, versionName } from "./plan.ts";

const label = (name: string, images: number, boxes = 0): DatasetLabel => ({
  name,
  color: null,
  key: null,
  images,
  boxes,
  kinds: [...(images > boxes ? (["image"] as const) : []), ...(boxes > 0 ? (["box"] as const) : [])],
});

const contents = (type: DatasetKind, labels: readonly DatasetLabel[], given: Partial<DatasetRow> = {}): Contents => ({
  labels,
  row: {
    arn: type,
    project: "p",
    project_arn: "p",
    type,
    status: "CREATE_COMPLETE",
    status_message: null,
    status_code: null,
    created_at: "",
    updated_at: "",
    images: 40,
    labels: labels.length,
    labeled: 40,
    errors: 0,
    ...given,
  },
});

const codes = (found: ReturnType<typeof plan>) => ({
  kind: found.kind,
  blockers: found.blockers.map(({ code }) => code),
  warnings: found.warnings.map(({ code }) => code),
});

it("finds the kind of model as the server does", () => {
  expect(kindOf([label("a", 5), label("b", 5)], [])).toBe("classification");
  expect(kindOf([label("a", 5, 5)], [])).toBe("detection");
  expect(kindOf([label("a", 5)], [label("a", 5, 5)])).toBe("brand");
  expect(kindOf([label("a", 9), label("b", 2, 2)], [])).toBe("classification");
  expect(kindOf([label("a", 9), label("b", 2, 2)], [label("b", 3, 3)])).toBe("detection");
  expect(kindOf([label("draft", 0)], [])).toBeNull();
});

it("blocks what the server would refuse or fail", () => {
  expect(codes(plan(null, null)).blockers).toEqual(["noTraining"]);
  expect(codes(plan(contents("train", [label("a", 40)]), null)).blockers).toEqual(["tooFewLabels"]);
  expect(codes(plan(contents("train", [label("a", 40, 40)]), null)).blockers).toEqual([]);
  const two = [label("a", 20), label("b", 20)];
  const other = contents("test", [label("c", 20), label("d", 20)]);
  expect(codes(plan(contents("train", two), other)).blockers).toEqual(["overlap"]);
  const moving = contents("train", two, { status: "UPDATE_IN_PROGRESS" });
  expect(codes(plan(moving, null)).blockers).toEqual(["datasetMoving"]);
  const broken = contents("train", two, { errors: 9 });
  expect(codes(plan(broken, null)).blockers).toEqual(["tooManyErrors"]);
});

it("warns of what makes a model worse, with the entries to look at", () => {
  const training = contents("train", [label("a", 30), label("b c", 3)], { labeled: 33, errors: 1 });
  const found = plan(training, contents("test", [label("a", 20), label("x", 4)]));
  expect(codes(found)).toEqual({
    kind: "classification",
    blockers: [],
    warnings: ["errors", "unlabeled", "fewImages", "untested"],
  });
  expect(found.warnings.map(({ search }) => search)).toEqual([
    "&errors=true",
    "&labeled=false",
    "&label=b%20c",
    "&label=b%20c",
  ]);
});

it("warns when only verified predictions test the model", () => {
  const labels = [label("a", 20), label("b", 20)];
  const found = (origins: { entries: number; from_feedback: number }) =>
    codes(plan(contents("train", labels), { ...contents("test", labels), origins })).warnings;
  expect(found({ entries: 40, from_feedback: 40 })).toEqual(["fromPredictions"]);
  expect(found({ entries: 40, from_feedback: 39 })).toEqual([]);
  expect(found({ entries: 0, from_feedback: 0 })).toEqual([]);
  const alone = plan({ ...contents("train", labels), origins: { entries: 40, from_feedback: 40 } }, null);
  expect(codes(alone).warnings).toEqual(["fromPredictions"]);
  expect(alone.warnings[0]?.dataset).toBe("train");
});

it("names versions as the console of AWS does", () => {
  const name = versionName("rooms", new Date("2026-11-29T10:12:01.5Z"));
  expect(name).toBe("rooms.2026-11-29T10.12.01");
  expect(isVersionName(name)).toBe(true);
  expect(isVersionName("a b")).toBe(false);
});
