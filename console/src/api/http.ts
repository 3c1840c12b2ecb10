/** Requests with the session; the only place that fetches. */
import { connection } from "./connection.ts";
import { ApiError, apiError, ConnectionLost, needsSignIn, UnreadableFile } from "./errors.ts";
import type { Operations } from "./rekognition.ts";
import { session } from "./session.ts";

/** Statuses with which a proxy says that the server behind it is away. */
const GATEWAY = new Set([502, 504]);

export interface RequestOptions {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Send a request. Raises ApiError for an error answer and ConnectionLost without any. */
export async function send(path: string, options: RequestOptions = {}): Promise<Response> {
  const used = session.token();
  const headers = new Headers(options.headers);
  if (used !== null) headers.set("X-Lensmith-Session", used);
  let response: Response;
  try {
    response = await fetch(path, {
      method: options.method ?? "GET",
      headers,
      body: options.body === undefined ? null : encoded(options.body, headers),
      signal: options.signal ?? null,
      credentials: "same-origin",
      cache: "no-store",
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    connection.report(false);
    throw new ConnectionLost();
  }
  connection.report(!GATEWAY.has(response.status));
  if (response.ok) return response;
  throw failed(
    apiError(response.status, (name) => response.headers.get(name), await response.text()),
    used,
  );
}

function failed(error: ApiError, used: string | null): Error {
  if (GATEWAY.has(error.status)) return new ConnectionLost();
  // Only if it still is the one the request carried: another tab may have signed in meanwhile.
  if (needsSignIn(error) && used !== null && used === session.token()) session.end();
  return error;
}

function encoded(body: unknown, headers: Headers): BodyInit {
  if (body instanceof Blob || typeof body === "string") return body;
  if (!headers.has("Content-Type")) headers.set("Content-Type", "application/json");
  return JSON.stringify(body);
}

export async function json<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(path, options);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** Call one of AWS's operations, with exactly the input that boto3 would send. */
export function call<Name extends keyof Operations>(
  operation: Name,
  input: Operations[Name]["input"],
  signal?: AbortSignal,
): Promise<Operations[Name]["output"]> {
  return json("/", {
    method: "POST",
    body: input,
    headers: {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": `RekognitionService.${operation}`,
    },
    ...(signal === undefined ? {} : { signal }),
  });
}

type Paged = {
  [Name in keyof Operations]: Operations[Name]["output"] extends { readonly NextToken?: string }
    ? Name
    : never;
}[keyof Operations];

/** Call a paged operation until the last page; yields each page. */
export async function* pages<Name extends Paged>(
  operation: Name,
  input: Operations[Name]["input"],
  signal?: AbortSignal,
): AsyncGenerator<Operations[Name]["output"]> {
  let next: string | undefined;
  do {
    const page = await call(
      operation,
      next === undefined ? input : { ...input, NextToken: next },
      signal,
    );
    yield page;
    next = (page as { NextToken?: string }).NextToken;
  } while (next !== undefined);
}

export interface UploadOptions {
  readonly method?: "PUT" | "POST";
  readonly onProgress?: (sent: number, total: number) => void;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  /** The files of which the body consists, unless it is one itself. */
  readonly parts?: readonly Blob[];
}

/** Send a body upwards, reporting progress, which `fetch` cannot. */
export function upload(path: string, body: Blob, options: UploadOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const used = session.token();
    request.open(options.method ?? "PUT", path);
    if (used !== null) request.setRequestHeader("X-Lensmith-Session", used);
    for (const [name, value] of Object.entries(options.headers ?? {})) {
      request.setRequestHeader(name, value);
    }
    const abort = (): void => request.abort();
    options.signal?.addEventListener("abort", abort);
    request.upload.addEventListener("progress", (event) =>
      options.onProgress?.(event.loaded, event.total),
    );
    request.addEventListener("loadend", () => options.signal?.removeEventListener("abort", abort));
    request.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    request.addEventListener("error", () => {
      // A file that cannot be read breaks the request off, as a lost connection does.
      const parts = options.parts ?? [body];
      const read = Promise.all(parts.map((one) => one.slice(0, 1).arrayBuffer()));
      read.then(
        () => {
          connection.report(false);
          reject(new ConnectionLost());
        },
        () => reject(new UnreadableFile()),
      );
    });
    request.addEventListener("load", () => {
      connection.report(!GATEWAY.has(request.status));
      if (request.status >= 200 && request.status < 300) return resolve(request.responseText);
      const header = (name: string): string | null => request.getResponseHeader(name);
      reject(failed(apiError(request.status, header, request.responseText), used));
    });
    if (options.signal?.aborted) return reject(new DOMException("aborted", "AbortError"));
    request.send(body);
  });
}
