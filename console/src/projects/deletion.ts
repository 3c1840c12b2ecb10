/** The two stages of deleting a project: what belongs to it first, then itself. */
import type { DatasetRow } from "../api/lensmith.ts";
import type { ProjectVersionDescription } from "../api/rekognition.ts";

const BLOCKING = new Set(["RUNNING", "STARTING", "STOPPING", "TRAINING_IN_PROGRESS", "COPYING_IN_PROGRESS"]);

export interface Deletion {
  /** Stage 2: nothing belongs to the project any more. */
  readonly isLast: boolean;
  /** Models that must be stopped, or end their training, first. */
  readonly blocking: readonly ProjectVersionDescription[];
  readonly models: readonly ProjectVersionDescription[];
  readonly datasets: readonly DatasetRow[];
  /** What stage 1 still has to ask the server to delete. */
  readonly pendingModels: readonly string[];
  readonly pendingDatasets: readonly string[];
  /** Everything that is left is being deleted already. */
  readonly isUnderWay: boolean;
}

export function deletion(
  versions: readonly ProjectVersionDescription[],
  datasets: readonly DatasetRow[],
): Deletion {
  const pendingModels = versions
    .filter(({ Status }) => Status !== "DELETING")
    .map(({ ProjectVersionArn = "" }) => ProjectVersionArn);
  const pendingDatasets = datasets
    .filter(({ status }) => status !== "DELETE_IN_PROGRESS")
    .map(({ arn }) => arn);
  const isLast = versions.length === 0 && datasets.length === 0;
  return {
    isLast,
    blocking: versions.filter(({ Status }) => Status !== undefined && BLOCKING.has(Status)),
    models: versions,
    datasets,
    pendingModels,
    pendingDatasets,
    isUnderWay: !isLast && pendingModels.length === 0 && pendingDatasets.length === 0,
  };
}
