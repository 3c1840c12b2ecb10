import { describe, expect, it } from "vitest";
import { contrast, freshColour, labelColours, PALETTE, paletteColour, textOn } from "./label-colours.ts";

describe("label colours", () => {
  it("have text that can be read, on every colour of the palette and its shades", () => {
    for (let index = 0; index < 3 * PALETTE.length; index += 1) {
      const colour = paletteColour(index);
      expect(contrast(colour, textOn(colour)), colour).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
    expect(textOn("#e69f00")).toBe("#10141c");
  });

  it("differ for the first 36 labels", () => {
    expect(new Set(Array.from({ length: 36 }, (_, i) => paletteColour(i))).size).toBe(36);
  });

  it("keep a label's own colour and give the others what is free", () => {
    const colours = labelColours([
      { name: "b", color: null },
      { name: "a", color: null },
      { name: "c", color: "#0072B2" },
    ]);
    expect(Object.fromEntries(colours)).toEqual({ a: "#e69f00", b: "#009e73", c: "#0072b2" });
  });

  it("do not depend on the order in which labels come", () => {
    const labels = ["x", "m", "a"].map((name) => ({ name, color: null }));
    expect(labelColours(labels)).toEqual(labelColours(labels.toReversed()));
  });

  it("find one more", () => {
    expect(freshColour(["#0072B2", "#e69f00"])).toBe("#009e73");
  });
});
