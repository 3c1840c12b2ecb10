/** What a training would make of a project's datasets, judged before it begins. */
import type { DatasetKind, DatasetLabel, DatasetOrigins, DatasetRow } from "../api/lensmith.ts";
import { isMoving } from "../api/queries.ts";

export type ModelKind = "classification" | "detection" | "brand";

export type ProblemCode =
  | "noTraining"
  | "datasetFailed"
  | "datasetMoving"
  | "nothingLabeled"
  | "tooFewLabels"
  | "tooFewTestLabels"
  | "noTestLabels"
  | "overlap"
  | "errors"
  | "tooManyErrors"
  | "unlabeled"
  | "fewImages"
  | "fewForSplit"
  | "untested"
  | "fromPredictions"
  | "mixed";

export interface Problem {
  readonly code: ProblemCode;
  readonly dataset: DatasetKind;
  readonly count: number;
  /** The search of the gallery that shows the entries. */
  readonly search: string;
}

export interface Plan {
  readonly kind: ModelKind | null;
  /** With these the training would be refused or fail. */
  readonly blockers: readonly Problem[];
  readonly warnings: readonly Problem[];
}

export interface Contents {
  readonly row: DatasetRow;
  readonly labels: readonly DatasetLabel[];
  /** Known for the dataset that the model is tested with. */
  readonly origins?: DatasetOrigins | undefined;
}

const FEW = 10;
/** Beyond this part of a dataset, entries with errors end the training (manifests.md 3.3). */
const TOO_MANY_ERRORS = 0.2;
const MIN_OVERLAP = 0.5;

const uses = (labels: readonly DatasetLabel[], kind: "image" | "box"): boolean =>
  labels.some((label) => label.kinds?.includes(kind));

const weight = (labels: readonly DatasetLabel[], kind: "image" | "box"): number =>
  labels.reduce((sum, label) => sum + (kind === "box" ? label.boxes : label.images - label.boxes), 0);

/** The kind of model that results, as the server decides it (manifests.md 4.3). */
export function kindOf(training: readonly DatasetLabel[], test: readonly DatasetLabel[]): ModelKind | null {
  const [images, boxes] = [uses(training, "image"), uses(training, "box")];
  const [testImages, testBoxes] = [uses(test, "image"), uses(test, "box")];
  if (!images && !boxes) return null;
  if (!images) return "detection";
  if (!boxes) return testBoxes && !testImages ? "brand" : "classification";
  if (testBoxes !== testImages) return testBoxes ? "detection" : "classification";
  return weight(training, "image") > weight(training, "box") ? "classification" : "detection";
}

const labelSearch = (labels: readonly DatasetLabel[]): string =>
  labels.map(({ name }) => `&label=${encodeURIComponent(name)}`).join("");

const problem = (code: ProblemCode, dataset: DatasetKind, count = 0, search = ""): Problem => ({
  code,
  dataset,
  count,
  search,
});

const used = (contents: Contents | null): readonly DatasetLabel[] =>
  (contents?.labels ?? []).filter(({ images }) => images > 0);

function entryProblems({ row }: Contents): Plan {
  const blockers: Problem[] = [];
  const warnings: Problem[] = [];
  if (isMoving(row.status)) blockers.push(problem("datasetMoving", row.type));
  else if (row.status === "CREATE_FAILED") blockers.push(problem("datasetFailed", row.type));
  if (row.errors > TOO_MANY_ERRORS * row.images) {
    blockers.push(problem("tooManyErrors", row.type, row.errors, "&errors=true"));
  } else if (row.errors > 0) warnings.push(problem("errors", row.type, row.errors, "&errors=true"));
  const unlabeled = row.images - row.labeled;
  if (unlabeled > 0) warnings.push(problem("unlabeled", row.type, unlabeled, "&labeled=false"));
  return { kind: null, blockers, warnings };
}

function testProblems(
  kind: ModelKind,
  trained: readonly DatasetLabel[],
  tested: readonly DatasetLabel[],
): Plan {
  const blockers: Problem[] = [];
  const warnings: Problem[] = [];
  const names = new Set(tested.map(({ name }) => name));
  const missing = trained.filter(({ name }) => !names.has(name));
  const shared = trained.length - missing.length;
  if (tested.length === 0) blockers.push(problem("noTestLabels", "test", 0, "&labeled=false"));
  else {
    if (kind === "classification" && tested.length < 2) {
      blockers.push(problem("tooFewTestLabels", "test", tested.length));
    }
    if (shared < MIN_OVERLAP * trained.length) blockers.push(problem("overlap", "test", shared));
    else if (missing.length > 0) {
      warnings.push(problem("untested", "train", missing.length, labelSearch(missing)));
    }
  }
  return { kind, blockers, warnings };
}

function trainingProblems(kind: ModelKind | null, trained: readonly DatasetLabel[], isSplit: boolean): Plan {
  const blockers: Problem[] = [];
  const warnings: Problem[] = [];
  if (kind === null) blockers.push(problem("nothingLabeled", "train", 0, "&labeled=false"));
  if (kind === "classification" && trained.length < 2) {
    blockers.push(problem("tooFewLabels", "train", trained.length));
  }
  if (uses(trained, "image") && uses(trained, "box")) warnings.push(problem("mixed", "train"));
  const few = trained.filter(({ images }) => images < FEW);
  if (few.length > 0) warnings.push(problem("fewImages", "train", few.length, labelSearch(few)));
  const single = trained.filter(({ images }) => images < 2);
  if (isSplit && single.length > 0) {
    warnings.push(problem("fewForSplit", "train", single.length, labelSearch(single)));
  }
  return { kind, blockers, warnings };
}

/** Whether all that tests the model was verified from predictions of a model. */
function originProblems({ row, origins }: Contents): Plan {
  const { entries, from_feedback: verified } = origins ?? { entries: 0, from_feedback: 0 };
  const isFlattered = entries > 0 && verified === entries;
  return {
    kind: null,
    blockers: [],
    warnings: isFlattered ? [problem("fromPredictions", row.type, entries)] : [],
  };
}

export function plan(training: Contents | null, test: Contents | null): Plan {
  if (training === null) return { kind: null, blockers: [problem("noTraining", "train")], warnings: [] };
  const trained = used(training);
  const tested = used(test);
  const kind = kindOf(trained, tested);
  const parts = [
    entryProblems(training),
    ...(test === null ? [] : [entryProblems(test)]),
    trainingProblems(kind, trained, test === null),
    ...(kind === null || test === null ? [] : [testProblems(kind, trained, tested)]),
    originProblems(test ?? training),
  ];
  return {
    kind,
    blockers: parts.flatMap(({ blockers }) => blockers),
    warnings: parts.flatMap(({ warnings }) => warnings),
  };
}

/** The name that a version gets unless another is given: `project.2026-11-29T10.12.01`. */
export function versionName(project: string, now: Date): string {
  const time = now.toISOString().slice(0, 19).replaceAll(":", ".");
  return `${project.slice(0, 255 - time.length - 1)}.${time}`;
}

export const isVersionName = (name: string): boolean => /^[A-Za-z0-9_.-]{1,255}$/.test(name);
