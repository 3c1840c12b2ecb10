import { expect, it } from "vitest";
import { sceneAt, SCENES, SECONDS, startOf } from "./walkthrough.ts";

it("takes a minute, and stays at its last scene", () => {
  expect(SECONDS).toBe(60);
  expect([0, 9.9, 10, 59.9, 60, 99].map(sceneAt)).toEqual([
    "pictures",
    "pictures",
    "labels",
    "use",
    "use",
    "use",
  ]);
});

it("begins each scene where the clock shows it", () => {
  for (const scene of SCENES) expect(sceneAt(startOf(scene))).toBe(scene);
});
