/** How far an import is, how it ended, and which lines it left out. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { ApiError } from "../api/errors.ts";
import { cancelTask, type DatasetKind, type Imported, type DroppedLine } from "../api/lensmith.ts";
import * as queries from "../api/queries.ts";
import { ErrorAlert, notifyError } from "../shell/error-details.tsx";
import { saveFile } from "../shell/save-file.ts";
import { useFormat, useWords } from "../words/language.ts";
import { FailureAdvice } from "./failure-advice.tsx";

function Dropped({ imported }: { readonly imported: Imported }): ReactNode {
  const { datasets, gallery } = useWords();
  const t = datasets.creating;
  const { dropped, dropped_total: total } = imported;
  const reasons: Readonly<Record<string, string | undefined>> = { ...gallery.fixes, ...t.dropReasons };
  if (total === 0) return null;
  const isManifest = dropped.some(({ line }) => line !== null);
  const title = isManifest ? t.dropped(total) : t.left(total);
  return (
    <Alert
      type="warning"
      header={title}
      action={
        <Button
          onClick={() =>
            saveFile(
              "dropped-lines.json",
              new Blob([JSON.stringify(dropped, null, 2)], { type: "application/json" }),
            )
          }
        >
          {t.downloadDropped}
        </Button>
      }
    >
      <ExpandableSection headerText={t.showDropped}>
        <Table<DroppedLine>
          variant="embedded"
          items={dropped}
          ariaLabels={{ tableLabel: title }}
          columnDefinitions={[
            ...(isManifest
              ? [{ id: "line", header: t.line, cell: ({ line }: DroppedLine) => line, width: 90 }]
              : []),
            { id: "why", header: t.reason, cell: ({ code }) => reasons[code] ?? code },
            {
              id: "ref",
              header: isManifest ? t.picture : t.place,
              cell: ({ source_ref: ref, where }) => <span className="code">{ref ?? where ?? ""}</span>,
            },
          ]}
        />
      </ExpandableSection>
    </Alert>
  );
}

function Notes({ notes }: { readonly notes: readonly DroppedLine[] }): ReactNode {
  const { datasets } = useWords();
  const reasons: Readonly<Record<string, string | undefined>> = datasets.creating.dropReasons;
  if (notes.length === 0) return null;
  return (
    <Alert type="info" header={datasets.creating.notes}>
      <ul className="import-notes" data-testid="import-notes">
        {notes.map(({ code, where }) => (
          <li key={`${code}-${where}`}>
            {reasons[code] ?? code}
            {where === null ? null : <div className="code">{where}</div>}
          </li>
        ))}
      </ul>
    </Alert>
  );
}

/** The server's code for a set without a part for the dataset. */
export const NO_PART = "PART_NOT_FOUND";

export interface ImportEnd {
  readonly state: "completed" | "failed" | "cancelled";
  readonly hasDropped: boolean;
  readonly code: string | null;
}

export function ImportProgress(props: {
  readonly task: string;
  readonly project: string;
  readonly kind: DatasetKind;
  readonly onEnd: (end: ImportEnd) => void;
}): ReactNode {
  const { datasets } = useWords();
  const t = datasets.creating;
  const format = useFormat();
  const { data, error, refetch } = useQuery(queries.task<Imported>(props.task));
  const cancel = useMutation({
    mutationFn: () => cancelTask(props.task),
    onSettled: () => refetch(),
    onError: (failure) => notifyError(failure, t.cancelImport),
  });
  const { kind, onEnd } = props;
  const state = data?.state;
  const code = data?.error?.code ?? null;
  const { dropped_total: dropped = 0, notes = [] } = data?.result ?? {};
  const hasDropped = dropped > 0 || notes.length > 0;
  useEffect(() => {
    if (state !== undefined && state !== "running") onEnd({ state, hasDropped, code });
  }, [state, hasDropped, code, onEnd]);
  // Of an address that is older than what the server remembers.
  const isUnknown = data === undefined && error instanceof ApiError;
  useEffect(() => {
    if (isUnknown) onEnd({ state: "failed", hasDropped: false, code: null });
  }, [isUnknown, onEnd]);
  if (data === undefined) return <ErrorAlert error={error} />;
  const phases: Readonly<Record<string, string | undefined>> = t.phases;
  if (state === "failed" && code === NO_PART && kind === "test") {
    return <Alert type="info">{t.noTestPart}</Alert>;
  }
  if (state === "failed") {
    return (
      <Alert type="error" header={t.failed[kind]} data-testid="import-failed">
        {data.error?.message}
        <div className="code">{data.error?.code}</div>
        <FailureAdvice code={data.error?.code} project={props.project} kind={kind} />
      </Alert>
    );
  }
  if (state === "cancelled") return <Alert type="info">{t.cancelled}</Alert>;
  if (state === "completed") {
    return (
      <SpaceBetween size="s">
        <Alert type="success">
          {t.imported(format.number(data.result?.images ?? 0), format.number(data.result?.labels ?? 0))}
        </Alert>
        {data.result === null ? null : <Dropped imported={data.result} />}
        <Notes notes={data.result?.notes ?? []} />
      </SpaceBetween>
    );
  }
  return (
    <SpaceBetween size="xs">
      <ProgressBar
        value={data.total === null || data.total === 0 ? 0 : (100 * data.done) / data.total}
        label={t.importing[kind]}
        description={phases[data.phase] ?? ""}
        additionalInfo={
          data.total === null
            ? format.number(data.done)
            : t.doneOf(format.number(data.done), format.number(data.total))
        }
      />
      <Box>
        <Button loading={cancel.isPending} onClick={() => cancel.mutate()} data-testid="cancel-import">
          {t.cancelImport}
        </Button>
      </Box>
    </SpaceBetween>
  );
}
