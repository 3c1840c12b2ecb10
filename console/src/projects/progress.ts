/** How far a project has come through the four steps of How it works. */
import type { DatasetRow } from "../api/lensmith.ts";
import { versionNameOf } from "../api/queries.ts";
import type { ProjectVersionDescription } from "../api/rekognition.ts";

export type Blocker = "needsDataset" | "needsTraining" | "needsLabels" | "needsModel";

export interface Step {
  readonly done: boolean;
  /** Why its button is disabled. */
  readonly blocker: Blocker | null;
}

export interface Progress {
  readonly dataset: Step;
  readonly label: Step;
  readonly train: Step;
  readonly metrics: Step;
  readonly images: number;
  readonly labeled: number;
  /** The newest version whose training has finished. */
  readonly newestModel: string | null;
}

const FAILED = new Set(["TRAINING_IN_PROGRESS", "TRAINING_FAILED", "DELETING"]);

export function progress(
  datasets: readonly DatasetRow[],
  versions: readonly ProjectVersionDescription[],
): Progress {
  const training = datasets.find(({ type }) => type === "train");
  const images = datasets.reduce((sum, dataset) => sum + dataset.images, 0);
  const labeled = datasets.reduce((sum, dataset) => sum + dataset.labeled, 0);
  const finished = versions.find(({ Status }) => Status !== undefined && !FAILED.has(Status));
  const hasDataset = datasets.length > 0;
  const trainBlocker = (): Blocker | null => {
    if (!hasDataset) return "needsDataset";
    if (training === undefined) return "needsTraining";
    return training.labeled === 0 ? "needsLabels" : null;
  };
  return {
    dataset: { done: hasDataset, blocker: null },
    label: { done: images > 0 && labeled === images, blocker: hasDataset ? null : "needsDataset" },
    train: { done: versions.length > 0, blocker: trainBlocker() },
    metrics: { done: false, blocker: finished === undefined ? "needsModel" : null },
    images,
    labeled,
    newestModel: finished === undefined ? null : versionNameOf(finished.ProjectVersionArn ?? ""),
  };
}
