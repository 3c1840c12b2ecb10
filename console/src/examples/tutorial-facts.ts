/** What the server says of a project, as far as the steps of tutorials ask. */
import { useQuery } from "@tanstack/react-query";
import { countCalls } from "../api/cloudwatch.ts";
import { type DatasetLabel, type DatasetRow, listImages, listObjects } from "../api/lensmith.ts";
import * as queries from "../api/queries.ts";
import { readActivity, readUsage } from "../api/versions.ts";

export interface DatasetFacts {
  readonly images: number;
  readonly labeled: number;
  readonly errors: number;
  /** Labels, drafts among them. */
  readonly labels: number;
  readonly usedLabels: number;
  /** Labels given to whole pictures, over all pictures. */
  readonly imageLabels: number;
  /** Pictures with boxes, counted once a label. */
  readonly boxed: number;
}

export interface VersionFacts {
  readonly name: string;
  readonly arn: string;
  readonly status: string;
}

export interface Facts {
  readonly project: string | null;
  readonly arn: string | null;
  /** Of the training dataset. */
  readonly datasetArn: string | null;
  readonly bucket: string | null;
  readonly hasStoredPictures: boolean;
  readonly train: DatasetFacts | null;
  readonly test: DatasetFacts | null;
  /** Newest first. */
  readonly versions: readonly VersionFacts[];
  readonly hasRun: boolean;
  /** Answered calls of the newest model. */
  readonly detections: number;
  /** Calls of ListDatasetLabels, which the console never makes. */
  readonly checks: number;
  /** A picture of the project, to try a model on. */
  readonly sample: { readonly bucket: string; readonly key: string } | null;
}

const COUNT_MS = 8_000;

const HOUR_SECONDS = 3600;
const MAX_HOURS = 2160;

/** Count the answered calls of a version since a time in seconds. */
async function countDetections(project: string, version: string, since: number): Promise<number> {
  const hours = Math.ceil((Date.now() / 1000 - since) / HOUR_SECONDS) + 1; // its first hour whole
  const { periods } = await readActivity(project, version, Math.min(MAX_HOURS, Math.max(1, hours)));
  return periods.reduce((sum, { requests }) => sum + requests, 0);
}

function datasetFacts(row: DatasetRow | undefined, labels: readonly DatasetLabel[] | undefined): DatasetFacts | null {
  if (row === undefined) return null;
  const known = labels ?? [];
  return {
    images: row.images,
    labeled: row.labeled,
    errors: row.errors,
    labels: known.length,
    usedLabels: known.filter(({ images }) => images > 0).length,
    imageLabels: known.reduce((sum, { images, boxes }) => sum + images - boxes, 0),
    boxed: known.reduce((sum, { boxes }) => sum + boxes, 0),
  };
}

/** Follow a project; undefined until all of it is known. Null is no project. */
export function useFacts(project: string | null): Facts | undefined {
  const projects = useQuery(queries.projects());
  const datasets = useQuery(queries.datasets());
  const setup = useQuery(queries.setup());
  const bucket = setup.data?.bucket ?? null;
  const stored = useQuery({
    queryKey: ["objects", bucket, "", "tutorials"],
    queryFn: () => listObjects(bucket ?? "", ""),
    enabled: bucket !== null,
    refetchInterval: COUNT_MS,
  });
  const row = projects.data?.find(({ ProjectArn = "" }) => queries.projectNameOf(ProjectArn) === project);
  const arn = row?.ProjectArn ?? null;
  const of = (type: "train" | "test"): DatasetRow | undefined =>
    (datasets.data ?? []).find((each) => each.project === project && each.type === type);
  const [train, test] = [of("train"), of("test")];
  const trainLabels = useQuery({ ...queries.labels(project ?? "", "train"), enabled: train !== undefined, retry: false });
  const testLabels = useQuery({ ...queries.labels(project ?? "", "test"), enabled: test !== undefined, retry: false });
  const versions = useQuery({ ...queries.versions(arn ?? ""), enabled: arn !== null });
  const trained = versions.data?.find(({ Status = "" }) => hasModel(Status));
  const usage = useQuery({
    queryKey: ["usage", project],
    queryFn: () => readUsage(project ?? "").catch(() => []),
    enabled: trained !== undefined,
    refetchInterval: COUNT_MS,
  });
  const since = trained?.TrainingEndTimestamp ?? trained?.CreationTimestamp ?? 0;
  const version = queries.versionNameOf(trained?.ProjectVersionArn ?? "");
  const detections = useQuery({
    queryKey: ["activity", project, version, "answered"],
    queryFn: () => countDetections(project ?? "", version, since).catch(() => 0),
    enabled: trained !== undefined,
    refetchInterval: COUNT_MS,
  });
  const checks = useQuery({
    queryKey: ["calls", "ListDatasetLabels"],
    queryFn: () => countCalls("ListDatasetLabels", 0).catch(() => 0),
    enabled: arn !== null,
    refetchInterval: COUNT_MS,
  });
  const hasPictures = (train?.images ?? 0) > 0;
  const sample = useQuery({
    queryKey: ["dataset", project, "train", "sample"],
    queryFn: async () => (await listImages(project ?? "", "train", { limit: 1 })).images[0] ?? null,
    enabled: hasPictures,
  });
  const isKnown =
    projects.data !== undefined &&
    datasets.data !== undefined &&
    (train === undefined || !trainLabels.isPending) &&
    (test === undefined || !testLabels.isPending) &&
    (arn === null || versions.data !== undefined) &&
    (trained === undefined || (usage.data !== undefined && detections.data !== undefined));
  if (!isKnown) return undefined;
  const found = (versions.data ?? []).map(({ ProjectVersionArn = "", Status = "" }) => ({
    arn: ProjectVersionArn,
    name: queries.versionNameOf(ProjectVersionArn),
    status: Status,
  }));
  return {
    project: row === undefined ? null : project,
    arn,
    datasetArn: train?.arn ?? null,
    bucket,
    hasStoredPictures:
      (datasets.data ?? []).some(({ images }) => images > 0) ||
      (stored.data?.prefixes ?? []).some((prefix) => /^(assets|tutorials|datasets)\//.test(prefix)),
    train: datasetFacts(train, trainLabels.data),
    test: datasetFacts(test, testLabels.data),
    versions: found,
    hasRun: found.some(({ status }) => RUN.has(status)) || (usage.data ?? []).some(({ minutes }) => minutes > 0),
    detections: detections.data ?? 0,
    checks: checks.data ?? 0,
    sample: sample.data ?? null,
  };
}

const RUN = new Set(["RUNNING", "STOPPING", "STOPPED"]);
const WITHOUT_MODEL = new Set(["TRAINING_IN_PROGRESS", "TRAINING_FAILED", "DELETING", "COPYING_IN_PROGRESS", "COPYING_FAILED"]);

export const hasModel = (status: string): boolean => !WITHOUT_MODEL.has(status);
