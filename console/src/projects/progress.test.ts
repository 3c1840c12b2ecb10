import { describe, expect, it } from "vitest";
import type { DatasetRow } from "../api/lensmith.ts";
import { progress } from "./progress.ts";

const dataset = (change: Partial<DatasetRow>): DatasetRow => ({
  arn: "d",
  project: "p",
  project_arn: "p",
  type: "train",
  status: "CREATE_COMPLETE",
  status_message: null,
  status_code: null,
  created_at: "",
  updated_at: "",
  images: 10,
  labels: 2,
  labeled: 10,
  errors: 0,
  ...change,
});

describe("progress", () => {
  it("begins with the dataset; the rest is blocked", () => {
    const found = progress([], []);
    expect(found.dataset.blocker).toBeNull();
    expect([found.label.blocker, found.train.blocker, found.metrics.blocker]).toEqual([
      "needsDataset",
      "needsDataset",
      "needsModel",
    ]);
  });
  it("wants labels before training", () => {
    expect(progress([dataset({ labeled: 0 })], []).train.blocker).toBe("needsLabels");
    expect(progress([dataset({ type: "test" })], []).train.blocker).toBe("needsTraining");
    expect(progress([dataset({})], []).train.blocker).toBeNull();
  });
  it("shows the metrics of the newest finished model", () => {
    const found = progress([dataset({})], [
      { ProjectVersionArn: "arn:p/version/v3/1", Status: "TRAINING_FAILED" },
      { ProjectVersionArn: "arn:p/version/v2/1", Status: "RUNNING" },
      { ProjectVersionArn: "arn:p/version/v1/1", Status: "STOPPED" },
    ]);
    expect([found.newestModel, found.metrics.blocker]).toEqual(["v2", null]);
  });
});
