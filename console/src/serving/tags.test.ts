import { expect, it } from "vitest";
import { tagChange } from "./tags.ts";

it("writes what is new or changed, and removes what is gone", () => {
  const before = [
    { key: "a", value: "1" },
    { key: "b", value: "2" },
    { key: "c", value: "3" },
  ];
  const after = [
    { key: "a", value: "1" },
    { key: "b", value: "5" },
    { key: "d", value: "" },
    { key: "", value: "left empty" },
  ];
  expect(tagChange(before, after)).toEqual({ put: { b: "5", d: "" }, removed: ["c"] });
});
