/** One picture given to a model, and what it answered. */
import { call } from "../api/http.ts";
import type { CustomLabel } from "../api/rekognition.ts";

/** The most that a request can carry in itself (api.md 2.18). */
export const MAX_BYTES = 4 * 1024 * 1024;

export type Source =
  | { readonly kind: "file"; readonly file: File }
  | { readonly kind: "object"; readonly bucket: string; readonly key: string };

export interface Tried {
  readonly id: string;
  readonly name: string;
  /** The address of the picture, to be shown. */
  readonly url: string;
  readonly labels: readonly CustomLabel[];
  readonly milliseconds: number;
}

export type Refusal = "wrongType" | "tooLarge";

/** Why a file cannot be sent; judged by its first bytes, as the server does. */
export async function refusal(file: File): Promise<Refusal | null> {
  const head = new Uint8Array(await file.slice(0, 4).arrayBuffer());
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

/** Ask the model for everything it sees, so that the threshold can be moved without asking again. */
export async function detect(
  arn: string,
  source: Source,
  MinConfidence: number | null,
): Promise<{ readonly labels: readonly CustomLabel[]; readonly milliseconds: number }> {
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

const quoted = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** One row a label: picture, name, confidence, box as fractions of the picture. */
export function csv(tried: readonly Tried[]): string {
  const rows = tried.flatMap(({ name, labels }) =>
    labels.map(({ Name = "", Confidence = 0, Geometry }) => {
      const { Left, Top, Width, Height } = Geometry?.BoundingBox ?? {};
      return [name, Name, Confidence, Left ?? "", Top ?? "", Width ?? "", Height ?? ""].map((value) => quoted(String(value)));
    }),
  );
  return [["picture", "label", "confidence", "left", "top", "width", "height"], ...rows]
    .map((row) => `${row.join(",")}\r\n`)
    .join("");
}
