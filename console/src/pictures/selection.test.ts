import { describe, expect, it } from "vitest";
import { all, clicked, labelled, NOTHING, ranged, readRanges, share, toggled, writeRanges } from "./selection.ts";

const page = Array.from({ length: 12 }, (_, i) => `p${i + 1}`);

describe("selection", () => {
  it("of image 2 and Shift to image 9 are eight", () => {
    const range = ranged(toggled(NOTHING, "p2"), "p9", page);
    expect([...range.keys]).toEqual(page.slice(1, 9));
    expect(ranged(range, "p4", page).keys).toEqual(new Set(["p2", "p3", "p4"]));
    expect(ranged(range, "p1", page).keys).toEqual(new Set(["p1", "p2"]));
  });

  it("keeps what was clicked before a range", () => {
    const kept = ranged(toggled(toggled(NOTHING, "p12"), "p3"), "p4", page);
    expect(kept.keys).toEqual(new Set(["p12", "p3", "p4"]));
  });

  it("toggles, takes all, and starts a range without an anchor as a click", () => {
    expect(toggled(toggled(NOTHING, "p1"), "p1").keys.size).toBe(0);
    expect(all(page).keys.size).toBe(12);
    expect(ranged(NOTHING, "p5", page).keys).toEqual(new Set(["p5"]));
  });

  it("begins anew with a click once labels were given, and not with Ctrl or Shift", () => {
    const first = labelled(clicked(clicked(NOTHING, "p1"), "p2"));
    expect(clicked(first, "p3").keys).toEqual(new Set(["p3"]));
    expect(clicked(clicked(first, "p3"), "p4").keys).toEqual(new Set(["p3", "p4"]));
    expect(clicked(first, "p2").keys).toEqual(new Set(["p1"]));
    expect(toggled(first, "p3").keys).toEqual(new Set(["p1", "p2", "p3"]));
    expect(ranged(first, "p4", page).keys).toEqual(new Set(["p1", "p2", "p3", "p4"]));
  });

  it("has three states", () => {
    expect([share(0, 3), share(2, 3), share(3, 3), share(0, 0)]).toEqual(["none", "some", "all", "none"]);
  });

  it("is short in an address", () => {
    expect(writeRanges([3, 1, 2, 8, 2])).toBe("1-3,8");
    expect(readRanges("1-3,8, x,99-999", 50)).toEqual([1, 2, 3, 8]);
    expect(readRanges(writeRanges([]), 50)).toEqual([]);
  });
});
