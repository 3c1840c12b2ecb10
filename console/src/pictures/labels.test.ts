import { describe, expect, it } from "vitest";
import { type Box, MAX_BOXES } from "./boxes.ts";
import {
  acceptedAll,
  acceptedBoxes,
  changedBoxes,
  contentOf,
  isAnswered,
  type Labels,
  labelsOf,
  NO_LABELS,
  relabelledEverywhere,
  repeatedBoxes,
  sameContent,
  toggledImageLabel,
  toggledNothingHere,
  withBoxes,
  withImageLabel,
  withoutBoxes,
} from "./labels.ts";

const box = (id: string, label = "gear", left = 10): Box => ({ id, label, left, top: 10, width: 20, height: 20 });
const suggested: Labels = {
  ...NO_LABELS,
  boxes: [box("a")],
  suggested: {
    version: "v1",
    uncertainty: 0.6,
    labels: [{ name: "indoor", confidence: 71 }],
    boxes: [
      { ...box("s1", "gear", 50), confidence: 90 },
      { ...box("s2", "lens", 90), confidence: 40 },
    ],
  },
};

describe("labels", () => {
  it("come from the server and go back without ids", () => {
    const image = { image_labels: ["x"], boxes: [{ label: "gear", left: 1, top: 2, width: 3, height: 4 }], nothing_here: false };
    expect(contentOf(labelsOf(image))).toEqual(image);
  });

  it("are the same in any order", () => {
    const one = { ...NO_LABELS, imageLabels: ["a", "b"], boxes: [box("1"), box("2", "lens")] };
    expect(sameContent(one, { ...one, imageLabels: ["b", "a"], boxes: [box("9", "lens"), box("8")] })).toBe(true);
    expect(sameContent(one, { ...one, boxes: [box("1")] })).toBe(false);
  });

  it("never say nothing here beside a label", () => {
    const nothing = toggledNothingHere(NO_LABELS);
    expect(isAnswered(nothing)).toBe(true);
    expect(withBoxes(nothing, [box("a")]).nothingHere).toBe(false);
    expect(withImageLabel(nothing, "x").nothingHere).toBe(false);
    expect(toggledNothingHere(withBoxes(NO_LABELS, [box("a")])).nothingHere).toBe(false);
    expect(toggledNothingHere(nothing)).toEqual(NO_LABELS);
  });

  it("keep at most 50 boxes", () => {
    const many = Array.from({ length: 60 }, (_, i) => box(`${i}`, "gear", i));
    expect(withBoxes(NO_LABELS, many).boxes).toHaveLength(MAX_BOXES);
  });

  it("toggle", () => {
    expect(toggledImageLabel(toggledImageLabel(NO_LABELS, "x"), "x")).toEqual(NO_LABELS);
  });
});

describe("suggestions", () => {
  it("are not written", () => {
    expect(contentOf(suggested)).toEqual(contentOf({ ...suggested, suggested: null }));
  });

  it("are accepted one by one or all", () => {
    const one = acceptedBoxes(suggested, new Set(["s2"]));
    expect(one.boxes.map((b) => b.id)).toEqual(["a", "s2"]);
    expect(one.boxes[1]).not.toHaveProperty("confidence");
    expect(one.suggested?.boxes.map((b) => b.id)).toEqual(["s1"]);
    const all = acceptedAll(suggested);
    expect([all.boxes.length, all.imageLabels, all.suggested]).toEqual([3, ["indoor"], null]);
  });

  it("are corrected by changing them", () => {
    const corrected = changedBoxes(suggested, new Map([["s1", { left: 55 }], ["a", { label: "lens" }]]));
    expect(corrected.boxes).toEqual([box("a", "lens"), box("s1", "gear", 55)]);
  });

  it("are rejected by deleting them", () => {
    const rejected = withoutBoxes(suggested, new Set(["s1", "s2"]));
    expect([rejected.boxes.length, rejected.suggested?.boxes]).toEqual([1, []]);
  });

  it("are not lost where there is no room", () => {
    const full = { ...suggested, boxes: Array.from({ length: 49 }, (_, i) => box(`${i}`)) };
    const taken = acceptedAll(full);
    expect([taken.boxes.length, taken.suggested?.boxes.length]).toEqual([50, 1]);
  });
});

describe("repeating and renaming", () => {
  it("repeats boxes once", () => {
    const picture = { width: 25, height: 64 };
    const repeated = repeatedBoxes(NO_LABELS, [box("p"), box("q", "lens", 24)], picture);
    expect(repeated.boxes.map((b) => [b.left, b.width])).toEqual([[10, 15]]);
    expect(repeatedBoxes(repeated, [box("p")], picture)).toBe(repeated);
  });

  it("renames and removes everywhere", () => {
    const labels = { ...suggested, imageLabels: ["gear", "lens"] };
    const renamed = relabelledEverywhere(labels, "gear", "lens");
    expect(renamed.imageLabels).toEqual(["lens"]);
    expect(renamed.boxes[0]?.label).toBe("lens");
    expect(renamed.suggested?.boxes[0]?.label).toBe("lens");
    expect(relabelledEverywhere(labels, "gear", null).boxes).toEqual([]);
  });
});
