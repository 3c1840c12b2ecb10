import StatusIndicator, {
  type StatusIndicatorProps,
} from "@cloudscape-design/components/status-indicator";
import type { ReactNode } from "react";
import { isMoving } from "../api/queries.ts";
import { useWords } from "../words/language.ts";

/** The colour and sign of a status of AWS. */
export function statusType(status: string): StatusIndicatorProps.Type {
  if (isMoving(status)) return "loading";
  if (status.endsWith("FAILED")) return "error";
  if (/^(STOPPED|DEPRECATED|EXPIRED)$/.test(status)) return "stopped";
  return "success";
}

/** A status of AWS; `raw` shows AWS's own word, as the models table does. */
export function Status(props: { readonly status: string | undefined; readonly raw?: boolean }): ReactNode {
  const { states } = useWords();
  if (props.status === undefined) return "-";
  const type = statusType(props.status);
  const named: Readonly<Record<string, string | undefined>> = states;
  const colour = type === "loading" ? ({ colorOverride: "blue" } as const) : {};
  return (
    <StatusIndicator type={type} {...colour} wrapText={!props.raw}>
      {props.raw ? props.status : (named[props.status] ?? props.status)}
    </StatusIndicator>
  );
}
