import { expect, it } from "vitest";
import { nameProblem } from "./project-name.ts";

it("takes 1 to 63 letters, digits, - and _", () => {
  expect(nameProblem("My-Project_1")).toBeNull();
  expect(nameProblem("a".repeat(63))).toBeNull();
  expect(nameProblem("")).toEqual({ kind: "empty" });
  expect(nameProblem("a".repeat(64))).toEqual({ kind: "too-long", length: 64 });
});

it("names the characters that cannot be used, each once", () => {
  expect(nameProblem("a b! c!")).toEqual({ kind: "characters", characters: [" ", "!"] });
  expect(nameProblem("日本.x")).toEqual({ kind: "characters", characters: ["日", "本", "."] });
});
