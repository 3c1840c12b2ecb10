import { expect, it } from "vitest";
import { uniqueNames } from "./feedback-uploads.ts";

it("gives files of the same name different ones", () => {
  const named = uniqueNames(["a.jpg", "a.jpg", "b.png", "a.jpg", "plain", "plain"].map((name) => ({ name })));
  expect(named.map(([name]) => name)).toEqual(["a.jpg", "a-2.jpg", "b.png", "a-3.jpg", "plain", "plain-2"]);
});
