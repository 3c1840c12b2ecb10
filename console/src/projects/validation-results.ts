/** The files that tell what training made of a version's datasets. */
import { readObject } from "../api/lensmith.ts";
import { versionNameOf } from "../api/queries.ts";
import type { ProjectVersionDescription, S3Object, ValidationData } from "../api/rekognition.ts";
import { saveFile } from "../shell/save-file.ts";

export type ResultKind = "training" | "testing" | "summary";

const manifest = (validation: ValidationData | undefined): S3Object | undefined =>
  validation?.Assets?.[0]?.GroundTruthManifest?.S3Object;

/** Where a result is kept; undefined if the training did not come so far. */
export function resultObject(version: ProjectVersionDescription, kind: ResultKind): S3Object | undefined {
  if (kind === "training") return manifest(version.TrainingDataResult?.Validation);
  if (kind === "testing") return manifest(version.TestingDataResult?.Validation);
  return version.ManifestSummary?.S3Object;
}

export async function saveResult(version: ProjectVersionDescription, kind: ResultKind): Promise<void> {
  const place = resultObject(version, kind);
  if (place?.Bucket === undefined || place.Name === undefined) return;
  const bytes = await readObject(place.Bucket, place.Name);
  const file = place.Name.split("/").at(-1) ?? kind;
  saveFile(`${versionNameOf(version.ProjectVersionArn ?? "")}-${file}`, bytes);
}
