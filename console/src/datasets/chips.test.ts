import { expect, it } from "vitest";
import { chipsInSight, chipsOf } from "./chips.ts";

const chips = (...labels: readonly string[]) => labels.map((label) => ({ label, boxes: 0 }));

it("shows as many chips as can be read", () => {
  expect(chipsInSight(chips("apple", "pear", "plum"))).toBe(3);
  expect(chipsInSight(chips("a", "b", "c", "d"))).toBe(3);
  expect(chipsInSight(chips("ir_phototransistor", "pot_resistor", "ir_led", "comparator"))).toBe(2);
  expect(chipsInSight(chips("helleborus", "with_leaves", "fully_grown"))).toBe(2);
});

it("counts boxes by label, whole pictures first", () => {
  const box = { label: "plum", left: 0, top: 0, width: 1, height: 1 };
  expect(chipsOf({ image_labels: ["pear"], boxes: [box, box] })).toEqual([
    { label: "pear", boxes: 0 },
    { label: "plum", boxes: 2 },
  ]);
});
