/** Several small objects in one request: a request costs a browser more than a picture's bytes. */
import { ApiError } from "./errors.ts";
import { upload, type UploadOptions } from "./http.ts";
import { part, ROOT } from "./lensmith.ts";

export interface NewObject {
  readonly key: string;
  readonly body: Blob;
  /** Sent before, without an answer: what is there already is kept as stored if it is the same. */
  readonly again: boolean;
}

interface Outcome {
  readonly etag?: string;
  readonly error?: { readonly code: string; readonly message: string; readonly status: number };
}

/**
 * Upload small objects in one request, keeping those that exist; resolves to what refused each,
 * null for those that are stored. Progress is told in bytes of the objects, one after another.
 */
export async function putObjects(
  bucket: string,
  objects: readonly NewObject[],
  { signal, onProgress }: UploadOptions,
): Promise<readonly (ApiError | null)[]> {
  const named = objects.map(({ key, body, again }) => ({
    key,
    size: body.size,
    media_type: body.type || "application/octet-stream",
    again,
  }));
  const line = new Blob([`${JSON.stringify({ objects: named })}\n`]);
  const answer = await upload(
    `${ROOT}/objects/${part(bucket)}`,
    new Blob([line, ...objects.map(({ body }) => body)]),
    {
      method: "POST",
      headers: { "Content-Type": "application/octet-stream" },
      parts: objects.map(({ body }) => body),
      ...(signal === undefined ? {} : { signal }),
      onProgress: (sent, total) => onProgress?.(Math.max(0, sent - line.size), total - line.size),
    },
  );
  const { objects: stored } = JSON.parse(answer) as { objects: readonly Outcome[] };
  return stored.map(({ error }) =>
    error === undefined ? null : new ApiError(error.code, error.message, null, error.status),
  );
}
