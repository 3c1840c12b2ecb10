import { describe, expect, it } from "vitest";
import type { DatasetLabel } from "../api/lensmith.ts";
import { asUsed, type LabelRow, planOf, problemOf, rowOf } from "./label-plan.ts";

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
    const first = before.map((one) => row(one));
    const plan = planOf(first, first.slice(2), before);
    expect(plan.removed).toEqual(["a"]);
    expect(plan.put.map(({ name }) => name)).toEqual(["c"]);
  });

  it("leaves alone what somebody else added meanwhile, but for a key that is taken", () => {
    const [a, b, c] = [label("a", 3), label("b", 2), label("c")];
    const first = [row(a)];
    const now = [a, { ...b, key: "1" }, { ...c, key: "2" }];
    const plan = planOf(first, [{ ...row(a), key: "1" }], now);
    expect(plan.removed).toEqual([]);
    expect(plan.put.map(({ name, key }) => [name, key])).toEqual([["a", "1"], ["b", null], ["c", "2"]]);
  });

  it("removes what came into use meanwhile by a request of its own", () => {
    expect(asUsed(row(label("a")), [label("a", 1)]).images).toBe(1);
    expect(asUsed(row(label("a", 2)), []).images).toBe(2);
    expect(planOf([row(label("a"))], [], [label("a", 1)]).removed).toEqual(["a"]);
  });

  it("renames so that no two labels meet", () => {
    const [a, b] = [label("a", 1), label("b", 1)];
    const first = [row(a), row(b)];
    expect(planOf(first, [row(a, "b"), row(b, "c")], [a, b]).renamed).toEqual([
      { from: "b", to: "c" },
      { from: "a", to: "b" },
    ]);
    const swapped = planOf(first, [row(a, "b"), row(b, "a")], [a, b]).renamed;
    expect(swapped).toHaveLength(3);
    expect(swapped.at(-1)).toEqual({ from: "a (renamed)", to: "b" });
  });
});
