import { expect, it } from "vitest";
import { statusType } from "./status.tsx";

it.each([
  ["TRAINING_IN_PROGRESS", "loading"],
  ["STARTING", "loading"],
  ["RUNNING", "success"],
  ["TRAINING_COMPLETED", "success"],
  ["CREATE_COMPLETE", "success"],
  ["STOPPED", "stopped"],
  ["TRAINING_FAILED", "error"],
  ["CREATE_FAILED", "error"],
])("%s is shown as %s", (status, type) => {
  expect(statusType(status)).toBe(type);
});
