import { describe, expect, it } from "vitest";
import { arranged, isDeletable, parseSorting, projectRow, sortingText } from "./rows.ts";

const project = (name: string, created: number) => ({
  ProjectArn: `arn:aws:rekognition:us-east-1:000000000000:project/${name}/${created}`,
  CreationTimestamp: created,
});
const names = (rows: readonly { ProjectArn?: string }[]) =>
  rows.map(({ ProjectArn }) => ProjectArn?.split("/")[1]);

describe("arranged", () => {
  const all = [project("part-10", 1), project("Part-9", 3), project("rooms", 2)];
  it("filters by part of the name, whatever its case", () => {
    expect(names(arranged(all, " PART ", { field: "name", descending: false }))).toEqual(["Part-9", "part-10"]);
  });
  it("sorts by date", () => {
    expect(names(arranged(all, "", { field: "created", descending: true }))).toEqual(["Part-9", "rooms", "part-10"]);
  });
});

describe("sorting", () => {
  it("travels in the address", () => {
    expect(parseSorting("name")).toEqual({ field: "name", descending: false });
    expect(parseSorting(sortingText({ field: "name", descending: true }))).toEqual({ field: "name", descending: true });
    expect(parseSorting("nonsense")).toEqual({ field: "created", descending: true });
  });
});

describe("projectRow", () => {
  it("names project and versions", () => {
    const arn = "arn:aws:rekognition:us-east-1:000000000000:project/rooms/version/rooms.1/17";
    const row = projectRow(project("rooms", 5), [{ ProjectVersionArn: arn, Status: "RUNNING" }]);
    expect([row.name, row.versions?.[0]?.name]).toEqual(["rooms", "rooms.1"]);
  });
});

it.each([
  ["RUNNING", false],
  ["TRAINING_IN_PROGRESS", false],
  ["STOPPED", true],
  ["TRAINING_FAILED", true],
  ["TRAINING_COMPLETED", true],
  [undefined, false],
])("a model that is %s can be deleted: %s", (status, possible) => {
  expect(isDeletable(status)).toBe(possible);
});
