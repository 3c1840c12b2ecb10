/** Lensmith's routes of reviews (the feedback loop) and of captured pictures. */
import { json } from "./http.ts";
import { type LabelledBox, part, query, ROOT, type Started } from "./lensmith.ts";

export type ReviewState = "predicting" | "open" | "failed" | "cancelled";
export type PictureState = "pending" | "confirmed" | "corrected" | "rejected" | "skipped" | "unreadable";

export type ReviewSource =
  | { readonly kind: "dataset"; readonly type: "train" | "test" }
  | { readonly kind: "prefix" | "captured"; readonly bucket: string; readonly prefix: string };

export interface ReviewOutput {
  readonly manifest: string;
  readonly lines: number;
  readonly copied: number;
  readonly left_out: readonly { readonly source_ref: string; readonly code: string }[];
  readonly written_at: string;
}

export interface Review {
  readonly id: string;
  readonly project: string;
  readonly version: string;
  readonly task: "classification" | "detection";
  /** Those of the model. */
  readonly labels: readonly string[];
  readonly created_at: string;
  readonly source: ReviewSource;
  readonly sample: "all" | "uncertain" | "random";
  readonly limit: number;
  readonly min_confidence: number | null;
  readonly state: ReviewState;
  /** The task that predicts. */
  readonly job: string | null;
  readonly phase: string;
  readonly done: number;
  readonly total: number | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly counts: Readonly<Record<PictureState, number>>;
  readonly output: ReviewOutput | null;
}

export interface LabelAgreement {
  readonly label: string;
  readonly predicted: number;
  readonly kept: number;
  readonly added: number;
  readonly low: number | null;
  readonly high: number | null;
}

export interface ReviewReport {
  readonly review: Review;
  /** Pending pictures by predicted label; "" is without a prediction. */
  readonly waiting: Readonly<Record<string, number>>;
  readonly agreement: readonly LabelAgreement[];
  readonly test_data: { readonly entries: number; readonly from_feedback: number } | null;
}

export interface ReviewedPicture {
  readonly source_ref: string;
  readonly bucket: string;
  readonly key: string;
  readonly name: string;
  readonly state: PictureState;
  readonly uncertainty: number;
  readonly width: number;
  readonly height: number;
  readonly predicted_labels: readonly { readonly name: string; readonly confidence: number }[];
  readonly predicted_boxes: readonly (LabelledBox & { readonly confidence: number })[];
  readonly answer: {
    readonly image_labels: readonly string[];
    readonly boxes: readonly LabelledBox[];
    readonly nothing_here: boolean;
  } | null;
  readonly code: string | null;
}

export interface ReviewOrder {
  readonly project: string;
  readonly version: string;
  readonly source:
    | { readonly kind: "dataset"; readonly type: "train" | "test" }
    | { readonly kind: "prefix"; readonly uri: string }
    | { readonly kind: "captured" };
  readonly sample: { readonly order: "all" | "uncertain" | "random"; readonly count?: number };
  readonly min_confidence: number | null;
}

export interface Answer {
  readonly source_ref: string;
  readonly verdict: "verified" | "rejected" | "skipped" | "pending";
  readonly image_labels?: readonly string[];
  readonly boxes?: readonly LabelledBox[];
  readonly nothing_here?: boolean;
}

export interface SavedAnswers {
  readonly saved: readonly { readonly source_ref: string; readonly state: PictureState }[];
  readonly rejected: readonly { readonly source_ref: string; readonly code: string }[];
}

const review = (id: string): string => `${ROOT}/reviews/${part(id)}`;

export const listReviews = async (): Promise<readonly Review[]> =>
  (await json<{ reviews: readonly Review[] }>(`${ROOT}/reviews`)).reviews;
export const startReview = (order: ReviewOrder): Promise<{ readonly id: string }> =>
  json(`${ROOT}/reviews`, { method: "POST", body: order });
export const readReview = (id: string): Promise<ReviewReport> => json(review(id));
export const removeReview = (id: string): Promise<unknown> => json(review(id), { method: "DELETE" });
export const resumeReview = (id: string): Promise<unknown> =>
  json(`${review(id)}/resume`, { method: "POST", body: {} });
export const writeReview = (id: string): Promise<Started> =>
  json(`${review(id)}/manifest`, { method: "POST", body: {} });
export const saveAnswers = (id: string, answers: readonly Answer[]): Promise<SavedAnswers> =>
  json(`${review(id)}/answers`, { method: "POST", body: { answers } });

export const listReviewed = (
  id: string,
  filter: {
    readonly state?: readonly PictureState[];
    /** "" is without a prediction; null is any. */
    readonly label?: string | null;
    readonly offset?: number;
    readonly limit?: number;
  },
): Promise<{ readonly total: number; readonly images: readonly ReviewedPicture[] }> => {
  const { label = null, ...rest } = filter;
  const search = query(rest);
  const text = label === null ? search : `${search === "" ? "?" : `${search}&`}label=${part(label)}`;
  return json(`${review(id)}/images${text}`);
};

// Captured pictures

export interface CaptureOrder {
  readonly enabled: boolean;
  readonly below_confidence: number;
  readonly max_images: number;
  readonly max_bytes: number;
  readonly keep_days: number;
}

export interface Capture extends CaptureOrder {
  readonly uri: string;
  readonly images: number;
  readonly bytes: number;
}

const capture = (project: string, version: string): string =>
  `${ROOT}/projects/${part(project)}/versions/${part(version)}/capture`;

export const readCapture = (project: string, version: string): Promise<Capture> =>
  json(capture(project, version));
export const changeCapture = (project: string, version: string, order: CaptureOrder): Promise<Capture> =>
  json(capture(project, version), { method: "PUT", body: order });
export const emptyCapture = (project: string, version: string): Promise<Capture> =>
  json(capture(project, version), { method: "DELETE" });
