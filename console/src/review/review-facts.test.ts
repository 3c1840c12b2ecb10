import { describe, expect, it } from "vitest";
import { chunks, divided, testWarning } from "./review-facts.ts";

const lines = Array.from({ length: 50 }, (_, index) => `{"source-ref":"s3://lab/${index}.jpg"}`);

describe("dividing a manifest", () => {
  it("gives each line to one dataset, the same ones again", () => {
    const { train, test } = divided(lines, 20);
    expect(test).toHaveLength(10);
    expect([...train, ...test].toSorted()).toEqual(lines.toSorted());
    expect(divided(lines.toReversed(), 20).test.toSorted()).toEqual(test.toSorted());
    expect(divided(lines, 0).test).toHaveLength(0);
  });

  it("packs lines below the limit of a request", () => {
    const packed = chunks(lines, 200);
    expect(packed.every((text) => text.length <= 200 && text.endsWith("\n"))).toBe(true);
    expect(packed.join("").trimEnd().split("\n")).toEqual(lines);
    expect(chunks([])).toEqual([]);
  });
});

describe("test data from predictions", () => {
  it("is warned of when nothing else is in the test dataset", () => {
    expect(testWarning(null, false)).toBe(null);
    expect(testWarning(null, true)).toBe("only");
    expect(testWarning({ entries: 3, from_feedback: 3 }, false)).toBe("now");
    expect(testWarning({ entries: 4, from_feedback: 3 }, true)).toBe(null);
    expect(testWarning({ entries: 0, from_feedback: 0 }, false)).toBe(null);
  });
});
