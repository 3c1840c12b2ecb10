import { expect, it } from "vitest";
import { takeToken } from "./token.ts";

it("takes the token from the fragment", () => {
  expect(takeToken("#token=a-b_c")).toBe("a-b_c");
  expect(takeToken("#other")).toBeNull();
  expect(takeToken("")).toBeNull();
});
