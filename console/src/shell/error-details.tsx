import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import type { ReactNode } from "react";
import { ApiError, ConnectionLost } from "../api/errors.ts";
import { useWords } from "../words/language.ts";
import { notify } from "./notices.ts";

/** The message of an error, its code, the id of the request, and what to do. */
export function ErrorDetails({ error }: { readonly error: unknown }): ReactNode {
  const { errors, shell } = useWords();
  if (error instanceof ConnectionLost) return shell.connectionLostDetail;
  if (!(error instanceof ApiError)) {
    return error instanceof Error ? error.message : errors.unexpected;
  }
  const action = errors.actions[error.code];
  return (
    <div className="error-details">
      <div>{error.message}</div>
      {action === undefined ? null : (
        <div>
          <strong>{errors.whatToDo}:</strong> {action}
        </div>
      )}
      <Box variant="small" color="inherit">
        <span className="code">{error.code}</span>
        {error.requestId === null ? null : (
          <>
            {" · "}
            {errors.requestId} <span className="code">{error.requestId}</span>
          </>
        )}
      </Box>
    </div>
  );
}

/** An error in the place where its result would have been. */
export function ErrorAlert(props: {
  readonly error: unknown;
  readonly title?: string;
  readonly retry?: () => void;
}): ReactNode {
  const { errors, shell } = useWords();
  if (props.error === null || props.error === undefined) return null;
  return (
    <Alert
      type="error"
      header={props.title ?? (props.error instanceof ConnectionLost ? shell.connectionLost : errors.title)}
      action={props.retry ? <Button onClick={props.retry}>{shell.retryNow}</Button> : undefined}
    >
      <ErrorDetails error={props.error} />
    </Alert>
  );
}

/** Show an error as a notice above the page. */
export function notifyError(error: unknown, title?: ReactNode): void {
  notify({ type: "error", content: <ErrorDetails error={error} />, ...(title ? { header: title } : {}) });
}
