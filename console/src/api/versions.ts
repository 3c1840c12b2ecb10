/** Lensmith's routes of one version: its training, its evaluation, its units, its model. */
import { json, send } from "./http.ts";
import { part, query, ROOT, type Task } from "./lensmith.ts";

const version = (project: string, name: string): string =>
  `${ROOT}/projects/${part(project)}/versions/${part(name)}`;

// Training

export interface MachineShare {
  readonly cores: number;
  /** Other trainings of the server beside it. */
  readonly trainings: number;
  /** Processes that used or waited for a core when it was planned. */
  readonly load: number | null;
}

export interface TrainingProgress {
  readonly phase: string;
  readonly step: number;
  /** 0 where it is not known. */
  readonly steps: number;
  readonly loss: number | null;
  readonly metric: number | null;
  readonly eta_seconds: number | null;
  readonly budget_seconds: number | null;
  /** What the training has of its machine; missing until it is planned. */
  readonly machine?: MachineShare | null;
  /** The number of a phase that comes more than once, from 1. */
  readonly trial?: number | null;
  /** How many there will be, where it is known. */
  readonly trials?: number | null;
}

export interface TrainingPoint {
  readonly seconds: number;
  readonly phase: string;
  readonly step: number;
  readonly loss: number | null;
  readonly metric: number | null;
  readonly trial?: number | null;
}

export interface Training {
  readonly status: string;
  readonly status_message: string;
  /** 1 runs next; null once it has begun. */
  readonly queue_position: number | null;
  readonly attempt: number;
  readonly progress: TrainingProgress | null;
  readonly seconds: number;
  readonly history: readonly TrainingPoint[];
  readonly report: Readonly<Record<string, unknown>> | null;
}

export const readTraining = (project: string, name: string): Promise<Training> =>
  json(`${version(project, name)}/training`);
export const cancelTraining = (project: string, name: string): Promise<Training> =>
  json(`${version(project, name)}/cancel`, { method: "POST" });

// Evaluation

export interface Curve {
  readonly thresholds: readonly number[];
  readonly precision: readonly number[];
  readonly recall: readonly number[];
  readonly f1_score: readonly number[];
  /** Predictions at or above each threshold; missing for means, and in older reports. */
  readonly passed?: readonly number[];
}

/** F1 on pictures that did not choose the thresholds, with a 95 % interval. */
export interface NewPictures {
  readonly f1_score: number;
  readonly low: number;
  readonly high: number;
}

export interface LabelReport {
  readonly label: string;
  /** The assumed threshold, 0..1. */
  readonly threshold: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1_score: number;
  readonly true_positives: number;
  readonly false_positives: number;
  readonly false_negatives: number;
  readonly test_images: number;
  /** Test images with the label, or boxes of it. */
  readonly support: number;
  readonly average_precision: number;
  readonly curve: Curve;
}

export interface ConfusionCounts {
  /** [what it is][what the model said], in the order of the labels. */
  readonly counts: readonly (readonly number[])[];
  readonly missed: readonly number[] | null;
  readonly background: readonly number[] | null;
}

export type ChangeKind =
  | "jpeg"
  | "video"
  | "resized"
  | "blurred"
  | "turned"
  | "brightness"
  | "gamma"
  | "white-balance";

/** Answers that flip when test pictures are changed; null where the change could not be made. */
export interface ChangeFlips {
  readonly kind: ChangeKind;
  readonly value: number;
  readonly answers: number | null;
  readonly flips: number | null;
  /** 0..1 */
  readonly share: number | null;
}

export interface Robustness {
  readonly layout: 1;
  /** Test pictures that were changed. */
  readonly pictures: number;
  readonly answers: number;
  readonly flips: number;
  readonly share: number;
  readonly changes: readonly ChangeFlips[];
}

export interface EvaluationReport {
  readonly task: "classification" | "detection";
  readonly evaluated: string;
  readonly training_images: number;
  readonly testing_images: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1_score: number;
  readonly average_precision: number;
  readonly labels: readonly LabelReport[];
  readonly mean_curve: Curve;
  readonly confusion: ConfusionCounts;
  readonly detection: { readonly average_precision_50_95: number; readonly average_recall: number } | null;
  /** Null without test pictures; missing in older reports. */
  readonly new_pictures?: NewPictures | null;
  /** Missing in older reports. */
  readonly robustness?: Robustness | null;
}

/** One way to run a model, as training evaluated it. */
export interface Variant {
  readonly precision: string;
  readonly runtime: string;
  /** Of the network for a picture. */
  readonly seconds: number;
}

export interface VariantFigures extends Variant {
  /** Points, 0..1, lost against float32; below 0 where it gains. */
  readonly cost: { readonly f1_score: number; readonly average_precision: number };
  readonly is_served: boolean;
}

/** A variant that a unit was to serve and could not. */
export interface DroppedVariant {
  readonly precision: string;
  readonly runtime: string;
  readonly reason: string;
}

export interface Variants {
  /** By the units in service, as they measured it. */
  readonly served: (Variant & { readonly dropped: readonly DroppedVariant[] }) | null;
  /** None in models trained before there were any. */
  readonly variants: readonly VariantFigures[];
}

export const readVariants = (project: string, name: string): Promise<Variants> =>
  json(`${version(project, name)}/variants`);

export const readEvaluation = (project: string, name: string): Promise<EvaluationReport> =>
  json(`${version(project, name)}/evaluation`);

/** A warning or an advice: a code with its numbers. */
export interface Advice {
  readonly code:
    | "weak-model"
    | "cut-short"
    | "few-test-images"
    | "confused"
    | "missed"
    | "false-alarms"
    | "more-test-images";
  readonly is_warning: boolean;
  readonly label: string | null;
  readonly other: string | null;
  readonly count: number | null;
  readonly total: number | null;
  /** Test images of the label. */
  readonly images: number | null;
  readonly value: number | null;
}

export const readAdvice = async (project: string, name: string): Promise<readonly Advice[]> =>
  (await json<{ advice: readonly Advice[] }>(`${version(project, name)}/advice`)).advice;

export type Outcome = "true-positive" | "false-positive" | "false-negative" | "true-negative";

/** Fractions of the upright picture. */
export interface FractionBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface EvaluatedResult {
  readonly label: string;
  readonly confidence: number;
  readonly outcome: Outcome;
  readonly box: FractionBox | null;
}

export interface EvaluatedImage {
  readonly source_ref: string;
  readonly line: number;
  readonly wrongness: number;
  readonly truth: readonly { readonly label: string; readonly box: FractionBox | null }[];
  readonly results: readonly EvaluatedResult[];
  readonly width: number | null;
  readonly height: number | null;
}

export interface EvaluatedPage {
  readonly total: number;
  readonly images: readonly EvaluatedImage[];
}

export interface EvaluatedFilter {
  readonly label?: readonly string[];
  readonly outcome?: readonly string[];
  /** A cell of the confusion matrix: what it is, and what the model said. */
  readonly truth?: string | null;
  readonly predicted?: string | null;
  readonly unmatched?: boolean | null;
  readonly name?: string;
  readonly order?: string;
  readonly offset?: number;
  readonly limit?: number;
}

export const listEvaluated = (
  project: string,
  name: string,
  filter: EvaluatedFilter,
  signal?: AbortSignal,
): Promise<EvaluatedPage> =>
  json(`${version(project, name)}/evaluation/images${query({ ...filter })}`, signal ? { signal } : {});

// Comparison of two versions on the test pictures that both have

export interface Flip {
  readonly source_ref: string;
  readonly before: EvaluatedImage;
  readonly after: EvaluatedImage;
}

export interface Comparison {
  readonly same_test_set: boolean;
  readonly shared_images: number;
  /** Without a mistake in this version, with one in the other. */
  readonly fixed: readonly Flip[];
  readonly fixed_total: number;
  readonly broken: readonly Flip[];
  readonly broken_total: number;
}

export const compareVersions = (project: string, name: string, other: string): Promise<Comparison> =>
  json(`${version(project, name)}/compare${query({ with: other })}`);

// Units, usage, model

export interface InferenceUnits {
  readonly Status: string;
  readonly MinInferenceUnits: number | null;
  readonly MaxInferenceUnits: number | null;
  readonly DesiredInferenceUnits: number;
  readonly InServiceInferenceUnits: number;
  readonly WaitingRequests: number;
}

export const readUnits = (project: string, name: string): Promise<InferenceUnits> =>
  json(`${version(project, name)}/units`);
export const resizeUnits = (
  project: string,
  name: string,
  minimum: number,
  maximum: number | null,
): Promise<InferenceUnits> =>
  json(`${version(project, name)}/units`, {
    method: "POST",
    body: { MinInferenceUnits: minimum, ...(maximum === null ? {} : { MaxInferenceUnits: maximum }) },
  });

export interface VersionUsage {
  readonly project: string;
  readonly version: string;
  readonly hours: number;
  readonly unit_hours: number;
  readonly minutes: number;
}

export const readUsage = async (project: string): Promise<readonly VersionUsage[]> =>
  (await json<{ versions: readonly VersionUsage[] }>(`${ROOT}/usage${query({ project })}`)).versions;

/** The model as ONNX with a script that runs it, as a zip. */
export const exportModel = async (project: string, name: string): Promise<Blob> =>
  (await send(`${version(project, name)}/model`)).blob();

// Analyses of folders

export interface AnalysisResult {
  readonly images: number;
  readonly detections: number;
  readonly labels: readonly { readonly name: string; readonly images: number; readonly detections: number }[];
  readonly failed: readonly { readonly source_ref: string; readonly code: string }[];
  readonly failed_total: number;
  readonly outputs: Readonly<Record<"jsonl" | "csv" | "manifest", string>> | null;
}

export interface Analysis {
  readonly source: string;
  readonly output: string;
  readonly min_confidence: number | null;
  readonly created_at: string;
  readonly task: Task<AnalysisResult>;
}

export const startAnalysis = (
  project: string,
  name: string,
  order: { readonly source: string; readonly min_confidence?: number },
): Promise<{ readonly task: string }> =>
  json(`${version(project, name)}/analyses`, { method: "POST", body: order });
export const listAnalyses = async (project: string, name: string): Promise<readonly Analysis[]> =>
  (await json<{ analyses: readonly Analysis[] }>(`${version(project, name)}/analyses`)).analyses;

// Thresholds of a version's own

export interface LabelThreshold {
  readonly label: string;
  /** As training chose it, 0..1. */
  readonly assumed: number;
  /** As a person set it; null: the assumed one counts. */
  readonly own: number | null;
}

export interface Thresholds {
  /** Whether a person set any. */
  readonly stored: boolean;
  readonly labels: readonly LabelThreshold[];
}

export const readThresholds = (project: string, name: string): Promise<Thresholds> =>
  json(`${version(project, name)}/thresholds`);
export const storeThresholds = (
  project: string,
  name: string,
  thresholds: Readonly<Record<string, number>>,
): Promise<Thresholds> => json(`${version(project, name)}/thresholds`, { method: "PUT", body: { thresholds } });
export const forgetThresholds = (project: string, name: string): Promise<Thresholds> =>
  json(`${version(project, name)}/thresholds`, { method: "DELETE" });

// What a version did lately

export interface ActivityPeriod {
  readonly start_ms: number;
  readonly requests: number;
  readonly throttled: number;
  readonly errors: number;
  readonly mean_ms: number | null;
  readonly max_ms: number | null;
  /** In service, on average; null while it did not run. */
  readonly units: number | null;
  readonly minutes: number;
}

export interface Activity {
  readonly period_seconds: number;
  readonly now_ms: number;
  readonly periods: readonly ActivityPeriod[];
}

export const readActivity = (project: string, name: string, hours: number): Promise<Activity> =>
  json(`${version(project, name)}/activity${query({ hours })}`);
