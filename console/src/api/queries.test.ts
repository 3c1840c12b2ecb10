import { describe, expect, it } from "vitest";
import { isMoving, pollEvery, projectNameOf, versionNameOf } from "./queries.ts";

describe("isMoving", () => {
  it.each(["CREATING", "DELETING", "STARTING", "STOPPING", "TRAINING_IN_PROGRESS", "UPDATE_IN_PROGRESS"])(
    "%s moves",
    (status) => expect(isMoving(status)).toBe(true),
  );
  it.each(["RUNNING", "STOPPED", "CREATED", "TRAINING_COMPLETED", "FAILED", null, undefined])(
    "%s does not",
    (status) => expect(isMoving(status)).toBe(false),
  );
  it("asks more often while one moves", () => {
    expect(pollEvery(["RUNNING", "STARTING"])).toBeLessThan(pollEvery(["RUNNING"]));
  });
});

describe("names in ARNs", () => {
  const arn = "arn:aws:rekognition:us-east-1:000000000000:project/rooms/version/rooms.2026/1700000000000";
  it("finds project and version", () => {
    expect([projectNameOf(arn), versionNameOf(arn)]).toEqual(["rooms", "rooms.2026"]);
  });
});
