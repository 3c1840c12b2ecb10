import { describe, expect, it } from "vitest";
import { en } from "../words/en.ts";
import { quoted } from "./tutorial-commands.ts";
import type { DatasetFacts, Facts } from "./tutorial-facts.ts";
import { doneOf, followed, type Tutorial, TUTORIALS } from "./tutorial-steps.ts";
import { wordsOf } from "./tutorial-words.ts";

const dataset = (rest: Partial<DatasetFacts> = {}): DatasetFacts => ({
  images: 20,
  labeled: 20,
  errors: 0,
  labels: 2,
  usedLabels: 2,
  imageLabels: 20,
  boxed: 0,
  ...rest,
});

const nothing: Facts = {
  project: null,
  arn: null,
  datasetArn: null,
  bucket: "b",
  hasStoredPictures: false,
  train: null,
  test: null,
  versions: [],
  hasRun: false,
  detections: 0,
  checks: 0,
  sample: null,
};
const of = (...status: readonly string[]) => status.map((each, n) => ({ name: `v${n}`, arn: `a/version/v${n}/1`, status: each }));
const tutorial = (id: string): Tutorial => {
  const found = TUTORIALS.find((each) => each.id === id);
  if (found === undefined) throw new Error(id);
  return found;
};

const ticked = (facts: Facts): readonly string[] =>
  tutorial("call")
    .steps.filter(({ isDone }) => isDone(facts))
    .map(({ id }) => id);

describe("tutorials", () => {
  it("are six, with words for every step", () => {
    expect(TUTORIALS).toHaveLength(6);
    for (const { id, steps } of TUTORIALS) {
      for (const step of steps) expect(wordsOf(en.tutorials, id).steps[step.id]?.title, `${id} ${step.id}`).toBeTruthy();
    }
    expect(tutorial("classify").steps).toHaveLength(10);
  });

  it("have nothing done at first", () => {
    for (const each of TUTORIALS) expect(doneOf(each, nothing)).toBe(0);
  });

  it("follow a project step by step", () => {
    const classify = tutorial("classify");
    const labelled = { ...nothing, project: "rooms_1", arn: "p", hasStoredPictures: true, train: dataset(), test: dataset() };
    expect(doneOf(classify, { ...labelled, test: dataset({ labeled: 19 }) })).toBe(5);
    expect(doneOf(classify, labelled)).toBe(6);
    const trained = { ...labelled, versions: of("TRAINING_COMPLETED") };
    expect(doneOf(classify, trained)).toBe(7);
    const running = { ...labelled, versions: of("RUNNING"), hasRun: true, detections: 1 };
    expect(doneOf(classify, running)).toBe(9);
    expect(doneOf(classify, { ...running, versions: of("STOPPED") })).toBe(10);
  });

  it("tell kinds of datasets apart", () => {
    const known = { ...nothing, project: "p", train: dataset({ imageLabels: 44 }), test: dataset() };
    expect(doneOf(tutorial("multi"), known)).toBe(4);
    expect(doneOf(tutorial("multi"), { ...known, train: dataset() })).toBe(3);
    const boxes = dataset({ imageLabels: 0, boxed: 30 });
    expect(doneOf(tutorial("logos"), { ...known, train: dataset(), test: boxes })).toBe(4);
    expect(doneOf(tutorial("logos"), { ...known, train: boxes, test: boxes })).toBe(3);
    expect(doneOf(tutorial("boxes"), { ...known, train: boxes, test: boxes })).toBe(5);
  });

  it("see a failed training mended", () => {
    const failed = { ...nothing, project: "tutorial-failed", train: dataset({ usedLabels: 1 }), versions: of("TRAINING_FAILED") };
    expect(doneOf(tutorial("failed"), failed)).toBe(2);
    expect(doneOf(tutorial("failed"), { ...failed, train: dataset() })).toBe(3);
    const again = { ...failed, train: dataset(), versions: of("TRAINING_IN_PROGRESS", "TRAINING_FAILED") };
    expect(doneOf(tutorial("failed"), again)).toBe(4);
    expect(doneOf(tutorial("failed"), { ...again, versions: of("TRAINING_COMPLETED", "TRAINING_FAILED") })).toBe(5);
  });

  it("tick calls of the newest model once they are counted", () => {
    const run = { ...nothing, project: "p", arn: "p", train: dataset(), versions: of("STOPPED"), hasRun: true };
    expect(ticked(run)).toEqual(["model", "start", "stop"]);
    expect(ticked({ ...run, checks: 1 })).toEqual(["model", "profile", "start", "stop"]);
    expect(ticked({ ...run, detections: 1 })).toEqual(["model", "start", "cli", "stop"]);
    expect(ticked({ ...run, checks: 1, detections: 3 })).toEqual(["model", "profile", "start", "cli", "python", "stop"]);
  });

  it("choose a project, the example's first", () => {
    expect(followed(tutorial("classify"), ["a", "rooms_2", "rooms_1"], null)).toBe("rooms_2");
    expect(followed(tutorial("classify"), ["a", "b"], null)).toBe("a");
    expect(followed(tutorial("classify"), ["a", "b"], "b")).toBe("b");
    expect(followed(tutorial("failed"), ["a"], null)).toBe(null);
  });

  it("quote what a shell would read", () => {
    expect(quoted("arn:aws:x/y_1.2")).toBe("arn:aws:x/y_1.2");
    expect(quoted("it's $HOME")).toBe(`'it'\\''s $HOME'`);
  });
});
