/** Where the pictures of a new dataset come from, and whether what was entered can work. */
import type { ImportSource } from "../api/lensmith.ts";
import { parseS3Uri } from "../shell/s3-uri.ts";

export type SourceKind = "s3" | "upload" | "copy" | "ground-truth" | "other";
export const SOURCE_KINDS: readonly SourceKind[] = ["s3", "upload", "copy", "ground-truth", "other"];

export type OtherFormat = "coco" | "yolo" | "voc" | "cvat" | "label-studio" | "csv" | "folders";
export const OTHER_FORMATS: readonly OtherFormat[] = [
  "coco",
  "yolo",
  "voc",
  "cvat",
  "label-studio",
  "csv",
  "folders",
];

/** The form of one dataset. */
export interface SourceForm {
  readonly kind: SourceKind;
  readonly uri: string;
  readonly folderLabels: boolean;
  /** The dataset to copy. */
  readonly arn: string | null;
  readonly format: OtherFormat;
  /** Where the pictures are, if they are not in the file itself. */
  readonly images: string;
  /** A file of this computer, in place of `uri`. */
  readonly file: File | null;
  /** Fill the test dataset too, if the archive has a part for it. */
  readonly withTest: boolean;
}

export const EMPTY_FORM: SourceForm = {
  kind: "upload",
  uri: "",
  folderLabels: true,
  arn: null,
  format: "coco",
  images: "",
  file: null,
  withTest: true,
};

/** Whether a source may hold parts for both datasets: only archives do. */
export const canDivide = ({ kind, file, uri }: SourceForm): boolean =>
  kind === "other" && (file?.name ?? uri).trim().toLowerCase().endsWith(".zip");

export type Problem = "uri" | "images" | "dataset" | "source" | "key";

/** The fields at fault, each with why. */
export function problemsOf(form: SourceForm): Readonly<Partial<Record<"uri" | "images" | "arn", Problem>>> {
  const { kind, uri, file, images } = form;
  if (kind === "upload") return {};
  if (kind === "copy") return form.arn === null ? { arn: "dataset" } : {};
  const place = parseS3Uri(uri);
  const needsKey = kind !== "s3";
  const noSource = file === null || kind === "s3";
  return {
    ...(noSource && uri.trim() === "" ? { uri: "source" as const } : {}),
    ...(noSource && uri.trim() !== "" && place === null ? { uri: "uri" as const } : {}),
    ...(noSource && place !== null && needsKey && place.key === "" ? { uri: "key" as const } : {}),
    ...(kind === "other" && images.trim() !== "" && parseS3Uri(images) === null
      ? { images: "images" as const }
      : {}),
  };
}

/** What the import route takes; `uploaded` is where a file of this computer was put. */
export function importSource(form: SourceForm, uploaded: string | null, divided = false): ImportSource {
  const uri = uploaded ?? form.uri.trim();
  if (form.kind === "s3") return { format: "s3-folder", uri, folder_labels: form.folderLabels };
  if (form.kind === "ground-truth") return { format: "ground-truth", uri };
  const images = form.images.trim() === "" ? null : form.images.trim();
  return { format: form.format, uri, images, divided };
}
