/** Adds lines of a manifest to datasets by AWS's own operations. */
import { call } from "../api/http.ts";
import { type DatasetKind, listDatasetsOf, readObject } from "../api/lensmith.ts";
import { isMoving } from "../api/queries.ts";
import { chunks } from "./review-facts.ts";

const POLL_MS = 500;

function placeOf(uri: string): readonly [bucket: string, key: string] {
  const [bucket = "", ...key] = uri.slice("s3://".length).split("/");
  return [bucket, key.join("/")];
}

export async function readLines(manifest: string): Promise<readonly string[]> {
  const text = await (await readObject(...placeOf(manifest))).text();
  return text.split("\n").filter((line) => line !== "");
}

/** A blob of AWS's JSON protocol. */
function base64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let binary = "";
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}

/** Add lines to the dataset of a project, which is created where there is none. */
export async function addLines(project: string, kind: DatasetKind, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  const arn = (await arnOf(project, kind)) ?? (await created(project, kind));
  await settled(arn);
  for (const GroundTruth of chunks(lines)) {
    await call("UpdateDatasetEntries", { DatasetArn: arn, Changes: { GroundTruth: base64(GroundTruth) } });
    await settled(arn);
  }
}

export async function createProjectWith(ProjectName: string, manifest: string): Promise<void> {
  const { ProjectArn = "" } = await call("CreateProject", { ProjectName });
  const [Bucket, Name] = placeOf(manifest);
  await call("CreateDataset", {
    ProjectArn,
    DatasetType: "TRAIN",
    DatasetSource: { GroundTruthManifest: { S3Object: { Bucket, Name } } },
  });
}

async function arnOf(project: string, kind: DatasetKind): Promise<string | undefined> {
  return (await listDatasetsOf(project)).find((row) => row.type === kind)?.arn;
}

async function created(project: string, kind: DatasetKind): Promise<string> {
  const { ProjectDescriptions = [] } = await call("DescribeProjects", { ProjectNames: [project] });
  const { DatasetArn = "" } = await call("CreateDataset", {
    ProjectArn: ProjectDescriptions[0]?.ProjectArn ?? "",
    DatasetType: kind === "train" ? "TRAIN" : "TEST",
  });
  return DatasetArn;
}

/** Wait until a dataset stands still; raises with its message if a change failed. */
async function settled(DatasetArn: string): Promise<void> {
  for (;;) {
    const { DatasetDescription } = await call("DescribeDataset", { DatasetArn });
    const { Status, StatusMessage = "" } = DatasetDescription ?? {};
    if (!isMoving(Status)) {
      if (Status?.endsWith("FAILED")) throw new Error(StatusMessage);
      return;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, POLL_MS);
    });
  }
}
