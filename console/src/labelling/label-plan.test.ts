import { describe, expect, it } from "vitest";
import type { DatasetLabel } from "../api/lensmith.ts";
import { type LabelRow, planOf, problemOf, rowOf } from "./label-plan.ts";

const label = (name: string, images = 0, boxes = 0): DatasetLabel => ({ name, color: null, key: null, images, boxes });
const row = (from: DatasetLabel, name = from.name): LabelRow => ({ ...rowOf(from, "#0072b2", null), name });

describe("the label manager", () => {
  it("names what is wrong with a name", () => {
    expect(problemOf(" ", [])).toBe("empty");
    expect(problemOf("x".repeat(256), [])).toBe("long");
    expect(problemOf("x".repeat(255), [])).toBeNull();
    expect(problemOf("kitchen", ["kitchen"])).toBe("taken");
    expect(problemOf("Kitchen", ["kitchen"])).toBeNull();
    expect(problemOf("one", Array.from({ length: 250 }, (_, i) => `${i}`))).toBe("many");
  });

  it("removes what is used by a request of its own, and what is not used with the list", () => {
    const before = [label("a", 3), label("b"), label("c")];
    const plan = planOf(before, [row(before[2] as DatasetLabel)]);
    expect(plan.removed).toEqual(["a"]);
    expect(plan.put.map(({ name }) => name)).toEqual(["c"]);
  });

  it("renames so that no two labels meet", () => {
    const [a, b] = [label("a", 1), label("b", 1)];
    expect(planOf([a, b], [row(a, "b"), row(b, "c")]).renamed).toEqual([
      { from: "b", to: "c" },
      { from: "a", to: "b" },
    ]);
    const swapped = planOf([a, b], [row(a, "b"), row(b, "a")]).renamed;
    expect(swapped).toHaveLength(3);
    expect(swapped.at(-1)).toEqual({ from: "a (renamed)", to: "b" });
  });
});
