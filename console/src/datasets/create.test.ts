import { expect, it } from "vitest";
import { type Created, createdIn, written } from "./create.ts";

it("finds the imports of an address again", () => {
  const created: readonly Created[] = [
    { kind: "train", task: "0b7c2a" },
    { kind: "test", task: null },
  ];
  const search = new URLSearchParams(created.map((one) => ["import", written(one)]));
  expect(createdIn(search)).toEqual(created);
});

it("leaves out what names no dataset", () => {
  expect(createdIn(new URLSearchParams("import=valid.1&import=&type=train"))).toEqual([]);
});
