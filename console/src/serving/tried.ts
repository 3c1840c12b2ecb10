/** One picture given to models, and what they answered. */
import { call } from "../api/http.ts";
import type { CustomLabel } from "../api/rekognition.ts";

/** The most that a request can carry in itself (api.md 2.18). */
export const MAX_BYTES = 4 * 1024 * 1024;
/** The most that a picture in the storage may have. */
export const MAX_STORED_BYTES = 15 * 1024 * 1024;

export type Source =
  | { readonly kind: "file"; readonly file: File }
  | { readonly kind: "object"; readonly bucket: string; readonly key: string };

export interface Answer {
  readonly arn: string;
  readonly model: string;
  readonly labels: readonly CustomLabel[];
  readonly milliseconds: number;
}

export interface Tried {
  readonly id: string;
  readonly name: string;
  /** The address of the picture, to be shown. */
  readonly url: string;
  /** Of each model, in their order. */
  readonly answers: readonly Answer[];
  /** Where the picture came from, to send it on. */
  readonly source?: Source;
}

export type Refusal = "unreadable" | "wrongType" | "tooLarge";

/** Why a file cannot be sent; judged by its first bytes, as the server does. */
export async function refusal(file: File): Promise<Refusal | null> {
  const read = await file.slice(0, 4).arrayBuffer().catch(() => null);
  if (read === null) return "unreadable";
  const head = new Uint8Array(read);
  const isJpeg = head[0] === 0xff && head[1] === 0xd8;
  const isPng = head[0] === 0x89 && head[1] === 0x50 && head[2] === 0x4e && head[3] === 0x47;
  if (!isJpeg && !isPng) return "wrongType";
  return file.size > MAX_BYTES ? "tooLarge" : null;
}

const CHUNK = 0x8000;

export function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) {
    text += String.fromCodePoint(...bytes.subarray(at, at + CHUNK));
  }
  return btoa(text);
}

export interface Detected {
  readonly labels: readonly CustomLabel[];
  readonly milliseconds: number;
}

/** Ask a model; with MinConfidence 0 for everything it sees, so that the threshold can be moved later. */
export async function detect(arn: string, source: Source, MinConfidence: number | null): Promise<Detected> {
  const Image =
    source.kind === "file"
      ? { Bytes: base64(new Uint8Array(await source.file.arrayBuffer())) }
      : { S3Object: { Bucket: source.bucket, Name: source.key } };
  const begun = performance.now();
  const { CustomLabels = [] } = await call("DetectCustomLabels", {
    ProjectVersionArn: arn,
    Image,
    ...(MinConfidence === null ? {} : { MinConfidence }),
  });
  return { labels: CustomLabels, milliseconds: performance.now() - begun };
}

/** What of the answers is shown: what passes each label's own threshold, or one minimum. */
export interface View {
  readonly isAssumed: boolean;
  /** In percent. */
  readonly minimum: number;
}

/** The labels that are shown, the surest first. `thresholds` in percent. */
export function shownLabels(
  labels: readonly CustomLabel[],
  view: View,
  thresholds: ReadonlyMap<string, number>,
): readonly CustomLabel[] {
  return labels
    .filter(({ Name = "", Confidence = 0 }) => Confidence >= (view.isAssumed ? (thresholds.get(Name) ?? 0) : view.minimum))
    .toSorted((a, b) => (b.Confidence ?? 0) - (a.Confidence ?? 0));
}

const quoted = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

export const csvOf = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.map((row) => `${row.map((value) => quoted(String(value))).join(",")}\r\n`).join("");

/** One row a label: picture, model, name, confidence, box as fractions of the picture, time. */
export function csv(tried: readonly Tried[]): string {
  const rows = tried.flatMap(({ name, answers }) =>
    answers.flatMap(({ model, labels, milliseconds }) =>
      labels.map(({ Name = "", Confidence = 0, Geometry }) => {
        const { Left, Top, Width, Height } = Geometry?.BoundingBox ?? {};
        const box = [Left ?? "", Top ?? "", Width ?? "", Height ?? ""];
        return [name, model, Name, Confidence, ...box, Math.round(milliseconds)];
      }),
    ),
  );
  return csvOf([["picture", "model", "label", "confidence", "left", "top", "width", "height", "milliseconds"], ...rows]);
}

/** Everything that was answered, in the members that the API has. */
export const json = (tried: readonly Tried[]): string =>
  JSON.stringify(
    tried.map(({ name: picture, answers }) => ({
      picture,
      answers: answers.map(({ model, arn, milliseconds, labels }) => ({
        model,
        ProjectVersionArn: arn,
        milliseconds: Math.round(milliseconds),
        CustomLabels: labels,
      })),
    })),
    null,
    2,
  );
