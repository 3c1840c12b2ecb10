/** An error that the server answered with: AWS's code and message, and the id of the request. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly code: string,
    message: string,
    readonly requestId: string | null,
    readonly status: number,
    /** Further fields of the body: numbers and codes that belong to `code`. */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

/** The server could not be reached; whether it carried the request out is unknown. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

/** A file was moved, changed or removed since it was chosen. */
export class UnreadableFile extends Error {
  override readonly name = "UnreadableFile";
}

/** Codes after which only a new sign-in helps. */
const SIGN_IN_AGAIN = new Set([
  "ExpiredTokenException",
  "MissingAuthenticationTokenException",
  "UnrecognizedClientException",
  "InvalidClientTokenId",
]);

export function needsSignIn(error: unknown): boolean {
  return error instanceof ApiError && SIGN_IN_AGAIN.has(error.code);
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof ApiError && codes.includes(error.code);
}

/** Make an ApiError of an answer's head and body; a body that is not JSON becomes the message. */
export function apiError(
  status: number,
  header: (name: string) => string | null,
  body: string,
): ApiError {
  const fields = parsed(body);
  const named = header("x-amzn-errortype") ?? text(fields["__type"]) ?? `HTTP ${status}`;
  const code = (named.split(":")[0] ?? named).split("#").at(-1) ?? named;
  const message = text(fields["message"]) ?? text(fields["Message"]) ?? body.slice(0, 500);
  const { __type: _, message: __, Message: ___, ...details } = fields;
  return new ApiError(code, message, header("x-amzn-requestid"), status, details);
}

function parsed(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
