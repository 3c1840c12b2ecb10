import { expect, it } from "vitest";
import { keepVerdicts, readVerdicts } from "./kept-verdicts.ts";
import type { Verdict } from "./verdicts.ts";

const storage = (): Storage => {
  const held = new Map<string, string>();
  return {
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => void held.set(key, value),
    removeItem: (key: string) => void held.delete(key),
    clear: () => held.clear(),
    key: () => null,
    get length() {
      return held.size;
    },
  };
};
const wrong: ReadonlyMap<string, Verdict> = new Map([["s3://b/a.png", { verdict: "rejected", labels: ["bolt"] }]]);

it("keeps the verdicts of each review apart, until they are saved", () => {
  const kept = storage();
  keepVerdicts("1", wrong, kept);
  expect(readVerdicts("1", kept)).toEqual(wrong);
  expect(readVerdicts("2", kept)).toEqual(new Map());
  keepVerdicts("1", new Map(), kept);
  expect(kept.length).toBe(0);
});

it("does without a storage, and without what it cannot read", () => {
  const closed = { ...storage(), setItem: () => { throw new Error("full"); } };
  expect(() => keepVerdicts("1", wrong, closed)).not.toThrow();
  const torn = { ...storage(), getItem: () => "[" };
  expect(readVerdicts("1", torn)).toEqual(new Map());
});
