import { describe, expect, it } from "vitest";
import type { DatasetRow } from "../api/lensmith.ts";
import type { ProjectVersionDescription } from "../api/rekognition.ts";
import { deletion } from "./deletion.ts";

const model = (name: string, Status: ProjectVersionDescription["Status"]): ProjectVersionDescription => ({
  ProjectVersionArn: name,
  ...(Status === undefined ? {} : { Status }),
});
const dataset = (status: string): DatasetRow => ({
  arn: "d",
  project: "p",
  project_arn: "p",
  type: "train",
  status,
  status_message: null,
  status_code: null,
  created_at: "",
  updated_at: "",
  images: 0,
  labels: 0,
  labeled: 0,
  errors: 0,
});

describe("deletion", () => {
  it("is at its last stage once nothing is left", () => {
    expect(deletion([], []).isLast).toBe(true);
  });
  it("is blocked by models that run", () => {
    const found = deletion([model("a", "RUNNING"), model("b", "STOPPED")], []);
    expect(found.blocking.map((one) => one.ProjectVersionArn)).toEqual(["a"]);
    expect(found.isUnderWay).toBe(false);
  });
  it("goes on where it was left", () => {
    const found = deletion([model("a", "DELETING"), model("b", "STOPPED")], [dataset("DELETE_IN_PROGRESS")]);
    expect([found.pendingModels, found.pendingDatasets]).toEqual([["b"], []]);
    expect(deletion([model("a", "DELETING")], [dataset("DELETE_IN_PROGRESS")]).isUnderWay).toBe(true);
  });
});
