/** The files that tell what training made of a version's datasets. */
import { readObject } from "../api/lensmith.ts";
import { versionNameOf } from "../api/queries.ts";
import type { ProjectVersionDescription, S3Object, ValidationData } from "../api/rekognition.ts";
import { saveFile } from "./save-file.ts";

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

/** An error of a training that the manifest summary names. */
export interface SummaryError {
  readonly scope: "training" | "testing" | "common";
  readonly code: string;
  readonly message: string;
}

/** The errors of a manifest summary. */
export async function readSummaryErrors(version: ProjectVersionDescription): Promise<readonly SummaryError[]> {
  const place = resultObject(version, "summary");
  if (place?.Bucket === undefined || place.Name === undefined) return [];
  return errorsOf(JSON.parse(await (await readObject(place.Bucket, place.Name)).text()));
}

type Errors = readonly { readonly code: string; readonly message: string }[];

export function errorsOf(summary: unknown): readonly SummaryError[] {
  const { statistics, errors } = summary as {
    readonly statistics?: Readonly<Record<string, { readonly errors?: Errors }>>;
    readonly errors?: Errors;
  };
  const of = (scope: SummaryError["scope"], found: Errors = []): readonly SummaryError[] =>
    found.map(({ code, message }) => ({ scope, code, message }));
  return [
    ...of("training", statistics?.["training"]?.errors),
    ...of("testing", statistics?.["testing"]?.errors),
    ...of("common", errors),
  ];
}
