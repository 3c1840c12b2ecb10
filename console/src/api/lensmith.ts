/** Lensmith's own routes, as the server documents them in docs/operations.md. */
import { searched, type SearchedPart } from "./image-search.ts";
import { json, type RequestOptions, send, upload, type UploadOptions } from "./http.ts";
import { session } from "./session.ts";

export const ROOT = "/_lensmith";

export type DatasetKind = "train" | "test";

export const part = encodeURIComponent;
const objectPath = (key: string): string => key.split("/").map(part).join("/");

/** The search of an address, without what is undefined, null or empty; lists repeat their name. */
export function query(values: Readonly<Record<string, unknown>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") search.append(name, String(one));
    }
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}

const post = <T>(path: string, body: unknown, options: RequestOptions = {}): Promise<T> =>
  json<T>(path, { ...options, method: "POST", body });

// Session and set-up

export interface Who {
  readonly account_id: string;
  readonly user_name: string;
  readonly arn: string;
  readonly region: string;
  readonly regions: readonly string[];
  readonly endpoint_url: string;
  readonly s3_endpoint_url: string;
  readonly expires_at: string;
  readonly version: string;
  readonly upload_batch: number;
}

export type Credentials =
  | { readonly token: string }
  | { readonly access_key_id: string; readonly secret_access_key: string };

/** Begin a session; its token is kept for the requests that follow. */
export async function signIn(credentials: Credentials): Promise<Who> {
  const { session: token, ...who } = await post<Who & { session: string }>(
    `${ROOT}/session`,
    credentials,
  );
  session.begin(token);
  return who;
}

export async function signOut(): Promise<void> {
  await json(`${ROOT}/session`, { method: "DELETE" });
  session.endEverywhere();
}

export const whoAmI = (): Promise<Who> => json(`${ROOT}/session`);

/** Whether browsers sign in by an OpenID Connect provider, beginning at `PROVIDER_PATH`. */
export const readOpenId = (): Promise<{ readonly configured: boolean }> => json(`${ROOT}/openid`);
export const PROVIDER_PATH = `${ROOT}/openid/sign-in`;

export interface Setup {
  readonly bucket: string | null;
  readonly proposed: string;
}

export const readSetup = (): Promise<Setup> => json(`${ROOT}/setup`);
export const createBucketOfConsole = (bucket: string): Promise<{ readonly bucket: string }> =>
  post(`${ROOT}/setup`, { bucket });

// Datasets

export interface DatasetRow {
  readonly arn: string;
  readonly project: string;
  readonly project_arn: string;
  readonly type: DatasetKind;
  readonly status: string;
  readonly status_message: string | null;
  readonly status_code: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly images: number;
  readonly labels: number;
  readonly labeled: number;
  readonly errors: number;
}

interface DatasetsPage {
  readonly datasets: readonly DatasetRow[];
  readonly next: string | null;
}

/** As many as the server lists at once. */
const DATASETS_LIMIT = 500;

/** Every dataset of the account, page by page. */
export async function listDatasets(signal?: AbortSignal): Promise<readonly DatasetRow[]> {
  const found: DatasetRow[] = [];
  for (let token: string | null = ""; token !== null; ) {
    const path = `${ROOT}/datasets${query({ limit: DATASETS_LIMIT, token })}`;
    const page: DatasetsPage = await json(path, signal ? { signal } : {});
    found.push(...page.datasets);
    token = page.next;
  }
  return found;
}

/** The datasets of a project: at most two. */
export const listDatasetsOf = async (project: string): Promise<readonly DatasetRow[]> =>
  (await json<DatasetsPage>(`${ROOT}/datasets${query({ project })}`)).datasets;

/** A box in whole pixels of the picture as shown (upright). */
export interface LabelledBox {
  readonly label: string;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface DatasetImage {
  readonly source_ref: string;
  readonly bucket: string;
  readonly key: string;
  readonly name: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly image_labels: readonly string[];
  readonly boxes: readonly LabelledBox[];
  readonly nothing_here: boolean;
  readonly errors: readonly string[];
  readonly revision: string;
}

export interface ImagesPage {
  readonly revision: number;
  readonly total: number;
  /** Whether a search by name stopped before the end, so that `total` is of those found so far. */
  readonly isOpen?: boolean;
  readonly counts: {
    readonly all: number;
    readonly labeled: number;
    readonly unlabeled: number;
    readonly errors: number;
  };
  readonly images: readonly DatasetImage[];
}

export interface ImagesFilter {
  readonly offset?: number;
  readonly limit?: number;
  readonly label?: readonly string[];
  readonly labeled?: boolean;
  readonly errors?: boolean;
  readonly name?: string;
  readonly source_ref?: string;
  readonly order?: string;
  readonly after?: number | "start";
}

const dataset = (project: string, kind: DatasetKind): string =>
  `${ROOT}/projects/${part(project)}/datasets/${kind}`;

export function listImages(
  project: string,
  kind: DatasetKind,
  filter: ImagesFilter,
  signal?: AbortSignal,
): Promise<ImagesPage> {
  const ask = <Page>(asked: ImagesFilter): Promise<Page> =>
    json(`${dataset(project, kind)}/images${query({ ...asked })}`, signal ? { signal } : {});
  return filter.name ? searched(ask<SearchedPart>, filter) : ask(filter);
}

export type EntryChange =
  | {
      readonly source_ref: string;
      readonly revision: string | null;
      readonly image_labels: readonly string[];
      readonly boxes: readonly LabelledBox[];
      readonly nothing_here: boolean;
      readonly width?: number;
      readonly height?: number;
    }
  | { readonly source_ref: string; readonly revision: string; readonly remove: true };

export interface SavedEntries {
  readonly saved: readonly { readonly source_ref: string; readonly revision: string }[];
  readonly conflicts: readonly {
    readonly source_ref: string;
    readonly image: DatasetImage | null;
  }[];
  readonly rejected: readonly { readonly source_ref: string; readonly code: string }[];
}

/** Save changed entries. The same request id twice writes once. */
export const saveEntries = (
  project: string,
  kind: DatasetKind,
  requestId: string,
  changes: readonly EntryChange[],
): Promise<SavedEntries> =>
  post(`${dataset(project, kind)}/entries`, { request_id: requestId, changes });

export interface DatasetOrigins {
  readonly entries: number;
  /** Of these, how many were verified from a model's predictions. */
  readonly from_feedback: number;
}

export const readOrigins = (project: string, kind: DatasetKind): Promise<DatasetOrigins> =>
  json(`${dataset(project, kind)}/origins`);

export interface DatasetLabel {
  readonly name: string;
  readonly color: string | null;
  readonly key: string | null;
  readonly images: number;
  readonly boxes: number;
  /** How it is used. */
  readonly kinds?: readonly ("image" | "box")[];
}

export const listLabels = async (
  project: string,
  kind: DatasetKind,
): Promise<readonly DatasetLabel[]> =>
  (await json<{ labels: readonly DatasetLabel[] }>(`${dataset(project, kind)}/labels`)).labels;

export const putLabels = (
  project: string,
  kind: DatasetKind,
  labels: readonly Pick<DatasetLabel, "name" | "color" | "key">[],
): Promise<unknown> => json(`${dataset(project, kind)}/labels`, { method: "PUT", body: { labels } });

export const renameLabel = (
  project: string,
  kind: DatasetKind,
  from: string,
  to: string,
): Promise<Started> => post(`${dataset(project, kind)}/labels/rename`, { from, to });

export const removeLabel = (project: string, kind: DatasetKind, name: string): Promise<Started> =>
  post(`${dataset(project, kind)}/labels/remove`, { name });

// Tasks

export interface Started {
  readonly task: string;
}

export interface Task<Result = unknown> {
  readonly id: string;
  readonly kind: string;
  readonly state: "running" | "completed" | "failed" | "cancelled";
  readonly phase: string;
  readonly done: number;
  readonly total: number | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly result: Result | null;
}

export const readTask = <Result>(id: string): Promise<Task<Result>> =>
  json(`${ROOT}/tasks/${part(id)}`);
export const cancelTask = (id: string): Promise<unknown> =>
  json(`${ROOT}/tasks/${part(id)}`, { method: "DELETE" });

// Suggestions

export interface Suggestion {
  readonly source_ref: string;
  /** The size as shown, which an unlabelled entry does not say. */
  readonly width?: number;
  readonly height?: number;
  readonly uncertainty: number;
  readonly image_labels: readonly { readonly name: string; readonly confidence: number }[];
  readonly boxes: readonly (LabelledBox & { readonly confidence: number })[];
}

export interface Suggestions {
  readonly version: string;
  readonly suggestions: readonly Suggestion[];
  /** Pictures that the model could not read. */
  readonly failed?: readonly { readonly source_ref: string; readonly code: string }[];
}

export const suggestLabels = (
  project: string,
  kind: DatasetKind,
  wanted: {
    readonly version: string | null;
    readonly source_refs: readonly string[] | null;
    readonly limit: number;
    readonly min_confidence: number | null;
  },
): Promise<Started> => post(`${dataset(project, kind)}/suggestions`, wanted);

// Health

export interface HealthItem {
  readonly dataset: string;
  readonly source_ref: string | null;
  readonly label: string | null;
  readonly detail: string | null;
  /** Source references: the other copy, some pictures of the label. */
  readonly related: readonly string[];
}

export interface HealthFinding {
  readonly severity: "error" | "warning" | "note";
  readonly kind: string;
  readonly advice: string;
  readonly unit: string;
  readonly count: number;
  readonly items: readonly HealthItem[];
}

export interface Health {
  readonly project_arn: string;
  readonly status: "queued" | "running" | "succeeded" | "failed" | null;
  readonly progress: { readonly phase: string; readonly step: number; readonly steps: number } | null;
  readonly error: string | null;
  readonly is_current: boolean;
  readonly report: {
    readonly checked_ms: number;
    readonly datasets: readonly Readonly<Record<string, unknown>>[];
    readonly labels: readonly Readonly<Record<string, unknown>>[];
    readonly findings: readonly HealthFinding[];
  } | null;
}

export const readHealth = (project: string): Promise<Health> =>
  json(`${ROOT}/projects/${part(project)}/health`);
export const checkHealth = (project: string): Promise<Health> =>
  json(`${ROOT}/projects/${part(project)}/health`, { method: "POST" });

// Pictures: addresses for <img>, read with the cookie

/** The address of a picture, upright; `version` (an ETag or a revision) lets the browser keep it. */
export function pictureUrl(
  place: { readonly bucket: string; readonly key: string },
  size: number | "full",
  version?: string,
): string {
  return `${ROOT}/pictures/${part(place.bucket)}/${objectPath(place.key)}${query({ size, v: version })}`;
}

// Objects

export interface Bucket {
  readonly name: string;
  readonly created_at: string;
}

export interface StoredObject {
  readonly key: string;
  readonly size: number;
  readonly modified_at: string;
  readonly etag: string;
}

export interface ObjectsPage {
  readonly prefixes: readonly string[];
  readonly objects: readonly StoredObject[];
  readonly next: string | null;
}

const object = (bucket: string, key: string): string =>
  `${ROOT}/objects/${part(bucket)}/${objectPath(key)}`;

export const listBuckets = async (): Promise<readonly Bucket[]> =>
  (await json<{ buckets: readonly Bucket[] }>(`${ROOT}/objects`)).buckets;
export const createBucket = (name: string): Promise<unknown> =>
  json(`${ROOT}/objects/${part(name)}`, { method: "PUT" });
export const listObjects = (
  bucket: string,
  prefix: string,
  token: string | null = null,
): Promise<ObjectsPage> => json(`${ROOT}/objects/${part(bucket)}${query({ prefix, token })}`);
/** Read an object, or as much of its beginning as is asked for. */
export const readObject = async (bucket: string, key: string, most?: number): Promise<Blob> => {
  const headers = most === undefined ? {} : { headers: { Range: `bytes=0-${most - 1}` } };
  return (await send(object(bucket, key), headers)).blob();
};
export const deleteObject = (bucket: string, key: string): Promise<unknown> =>
  json(object(bucket, key), { method: "DELETE" });

/** Upload an object; with `keep`, an object that exists is kept: 412, PreconditionFailed. */
export async function putObject(
  bucket: string,
  key: string,
  body: Blob,
  options: UploadOptions & { readonly keep?: boolean } = {},
): Promise<{ readonly etag: string }> {
  const headers = {
    "Content-Type": body.type || "application/octet-stream",
    ...(options.keep ? { "If-None-Match": "*" } : {}),
    ...options.headers,
  };
  return JSON.parse(await upload(object(bucket, key), body, { ...options, headers })) as {
    etag: string;
  };
}

// Imports

export type ImportSource =
  | { readonly format: "s3-folder"; readonly uri: string; readonly folder_labels: boolean }
  | { readonly format: "ground-truth"; readonly uri: string }
  | {
      readonly format: "coco" | "yolo" | "voc" | "cvat" | "label-studio" | "csv" | "folders";
      readonly uri: string;
      readonly images: string | null;
      /** Take only the part of a set that is for this dataset; without it the import fails. */
      readonly divided: boolean;
    };

export interface DroppedLine {
  /** Of a manifest, from 1; null for other formats. */
  readonly line: number | null;
  readonly code: string;
  readonly source_ref: string | null;
  /** File, line or picture in another format. */
  readonly where: string | null;
}

export interface Imported {
  readonly dataset_arn: string;
  readonly images: number;
  readonly labels: number;
  readonly dropped: readonly DroppedLine[];
  readonly dropped_total: number;
  /** Remarks, for which nothing was left out. */
  readonly notes?: readonly DroppedLine[];
}

// Example projects

export const EXAMPLES = ["rooms", "flowers", "logos", "circuitboard"] as const;
export type ExampleName = (typeof EXAMPLES)[number];

export interface ExampleCreated {
  readonly project: string;
  readonly images: Readonly<Record<DatasetKind, number>>;
  /** A picture of neither dataset, `s3://...`. */
  readonly sample: string;
}

/** Make the next project of an example: `rooms_1`, `rooms_2`, ... */
export const createExample = (name: ExampleName): Promise<Started & { readonly project: string }> =>
  post(`${ROOT}/examples/${part(name)}`, {});

export const startImport = (
  project: string,
  type: DatasetKind,
  source: ImportSource,
): Promise<Started> => post(`${ROOT}/imports`, { project, type, source });
