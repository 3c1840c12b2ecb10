import { describe, expect, it } from "vitest";
import { emptyHistory, mapped, MAX_STEPS, record, redo, undo, without } from "./history.ts";

const step = (key: string, before: string, after: string, press: number | null = null, kind = "move") => ({
  kind,
  press,
  changes: [{ key, before, after }],
});

describe("history", () => {
  it("goes back and forth across pictures", () => {
    let history = record(record(emptyHistory<string>(), step("a", "1", "2")), step("b", "x", "y"));
    const [back, last] = undo(history);
    expect(last?.changes[0]).toEqual({ key: "b", before: "x", after: "y" });
    const [start, first] = undo(back);
    expect(first?.changes[0]?.key).toBe("a");
    expect(undo(start)[1]).toBeNull();
    const [again, redone] = redo(start);
    expect(redone?.changes[0]?.after).toBe("2");
    history = record(again, step("a", "2", "3"));
    expect(redo(history)[1]).toBeNull();
  });

  it("makes one step of a key held down, and two of two presses", () => {
    let history = emptyHistory<string>();
    for (const [before, after] of [["0", "1"], ["1", "2"], ["2", "3"]] as const) {
      history = record(history, step("a", before, after, 7));
    }
    expect(history.past).toHaveLength(1);
    expect(undo(history)[1]?.changes[0]).toEqual({ key: "a", before: "0", after: "3" });
    history = record(history, step("a", "3", "4", 8));
    expect(history.past).toHaveLength(2);
    expect(record(history, step("a", "4", "5", 8, "resize")).past).toHaveLength(3);
  });

  it("ignores a step that changes nothing, and forgets the oldest", () => {
    expect(record(emptyHistory<string>(), { kind: "x", press: null, changes: [] }).past).toEqual([]);
    let history = emptyHistory<string>();
    for (let i = 0; i < MAX_STEPS + 5; i += 1) history = record(history, step("a", `${i}`, `${i + 1}`));
    expect(history.past).toHaveLength(MAX_STEPS);
    expect(history.past[0]?.changes[0]?.before).toBe("5");
  });

  it("can be rewritten and rid of one picture", () => {
    const history = record(record(emptyHistory<string>(), step("a", "1", "2")), step("b", "x", "y"));
    expect(mapped(history, (s) => s.toUpperCase()).past[1]?.changes[0]?.after).toBe("Y");
    expect(without(history, "a").past.map((s) => s.changes[0]?.key)).toEqual(["b"]);
  });
});
