import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import Popover from "@cloudscape-design/components/popover";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { DatasetRow } from "../api/lensmith.ts";
import * as queries from "../api/queries.ts";
import { DeleteModelsDialog } from "../shell/delete-models-dialog.tsx";
import { ErrorAlert, notifyError } from "../shell/error-details.tsx";
import { Empty } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { Status } from "../shell/status.tsx";
import { TrainingBar } from "../shell/training-bar.tsx";
import { type ResultKind, resultObject, saveResult } from "../shell/validation-results.ts";
import { WideTable } from "../shell/wide-table.tsx";
import { type Format, useFormat, useWords, type Words } from "../words/language.ts";
import { isDeletable, type VersionRow, versionRow } from "./rows.ts";

const KINDS: readonly ResultKind[] = ["training", "testing", "summary"];
const BUSY = new Set(["TRAINING_IN_PROGRESS", "COPYING_IN_PROGRESS"]);

function columns(
  words: Words,
  format: Format,
  datasets: readonly DatasetRow[],
): TableProps.ColumnDefinition<VersionRow>[] {
  const t = words.models;
  const frozen = (row: VersionRow, type: "train" | "test"): ReactNode =>
    datasets.some((dataset) => dataset.type === type) ? (
      <Link href={paths.gallery(row.project, type)}>{words.datasets.types[type]}</Link>
    ) : (
      "-"
    );
  return [
    {
      id: "name",
      header: t.columns.name,
      isRowHeader: true,
      minWidth: 110,
      cell: (row) => <Link href={paths.model(row.project, row.name)}>{row.name}</Link>,
    },
    { id: "created", header: t.columns.created, minWidth: 120, cell: (row) => format.date(row.created) },
    { id: "training", header: t.columns.trainingDataset, cell: (row) => frozen(row, "train") },
    { id: "test", header: t.columns.testDataset, cell: (row) => frozen(row, "test") },
    {
      id: "performance",
      header: t.columns.performance,
      cell: ({ description: { EvaluationResult } }) =>
        EvaluationResult?.F1Score === undefined
          ? t.notAvailable
          : format.decimals(EvaluationResult.F1Score, 3),
    },
    {
      id: "status",
      header: t.columns.status,
      minWidth: 195,
      cell: (row) => <Status status={row.description.Status} raw />,
    },
    {
      id: "message",
      header: t.columns.message,
      minWidth: 160,
      cell: ({ project, name, description: { Status: status, StatusMessage: message } }) => (
        <>
          {message ?? "-"}
          {status === "TRAINING_IN_PROGRESS" ? <TrainingBar project={project} version={name} /> : null}
          {status === "TRAINING_FAILED" ? (
            <Box>
              <Popover header={t.toDo} content={t.toDoFailed} triggerType="text" size="medium">
                {t.toDo}
              </Popover>
            </Box>
          ) : null}
        </>
      ),
    },
  ];
}

/** The models of a project (S13): find, delete, download what their trainings made of the datasets. */
export function ModelsTable(props: {
  readonly projectArn: string;
  readonly project: string;
  readonly variant: "container" | "full-page";
}): ReactNode {
  const words = useWords();
  const { models: t, shell } = words;
  const format = useFormat();
  const [find, setFind] = useState("");
  const [ids, setIds] = useState<readonly string[]>([]);
  const [deleting, setDeleting] = useState<readonly string[] | null>(null);
  const list = useQuery(queries.versions(props.projectArn));
  const datasets = useQuery(queries.datasetsOf(props.project));
  const download = useMutation({
    mutationFn: ({ row, kind }: { row: VersionRow; kind: ResultKind }) => saveResult(row.description, kind),
    onError: (error) => notifyError(error, t.download),
  });

  const rows = (list.data ?? []).map((description) => versionRow(props.project, description));
  const wanted = find.trim().toLowerCase();
  const shown = rows.filter((row) => row.name.toLowerCase().includes(wanted));
  const selected = rows.filter((row) => ids.includes(row.id) && isDeletable(row.description.Status));
  const [only] = selected;
  const single = selected.length === 1 ? only : undefined;
  const own = (datasets.data ?? []).filter((dataset) => dataset.project_arn === props.projectArn);

  return (
    <SpaceBetween size="m">
      <ErrorAlert error={list.error} retry={() => void list.refetch()} />
      <WideTable>
        <Table<VersionRow>
          variant={props.variant}
          wrapLines
          columnDefinitions={columns(words, format, own)}
          items={shown}
          trackBy="id"
          loading={list.isPending && list.error === null}
          loadingText={shell.loading}
          selectionType="multi"
          selectedItems={selected}
          isItemDisabled={(row) => !isDeletable(row.description.Status)}
          onSelectionChange={({ detail }) => setIds(detail.selectedItems.map(({ id }) => id))}
          ariaLabels={{
            tableLabel: t.title,
            selectionGroupLabel: t.selection,
            allItemsSelectionLabel: () => t.selection,
            itemSelectionLabel: (_, row) => t.select(row.name),
          }}
          header={
            <Header
              variant={props.variant === "full-page" ? "h1" : "h2"}
              counter={list.data === undefined ? "" : `(${format.number(rows.length)})`}
              actions={
                <SpaceBetween direction="horizontal" size="xs">
                  <Button iconName="refresh" ariaLabel={shell.refresh} onClick={() => void list.refetch()} />
                  <Button
                    disabled={selected.length === 0}
                    disabledReason={t.selectSome}
                    onClick={() => setDeleting(selected.map(({ id }) => id))}
                    data-testid="delete-model"
                  >
                    {t.delete}
                  </Button>
                  <ButtonDropdown
                    disabled={single === undefined || BUSY.has(single.description.Status ?? "")}
                    disabledReason={t.selectOne}
                    loading={download.isPending}
                    items={KINDS.map((kind) => ({
                      id: kind,
                      text: t.downloads[kind],
                      disabled: single === undefined || resultObject(single.description, kind) === undefined,
                    }))}
                    onItemClick={({ detail }) => {
                      const kind = KINDS.find((one) => one === detail.id);
                      if (single !== undefined && kind !== undefined) download.mutate({ row: single, kind });
                    }}
                  >
                    {t.download}
                  </ButtonDropdown>
                </SpaceBetween>
              }
            >
              {t.title}
            </Header>
          }
          filter={
            <TextFilter
              filteringText={find}
              filteringPlaceholder={t.find}
              filteringAriaLabel={t.find}
              countText={wanted === "" ? "" : shell.matches(shown.length)}
              onChange={({ detail }) => setFind(detail.filteringText)}
            />
          }
          empty={
            wanted === "" ? (
              <Empty
                title={t.empty}
                detail={t.emptyDetail}
                action={<Button href={paths.train(props.project)}>{t.train}</Button>}
              />
            ) : (
              <Empty
                title={shell.noMatches}
                detail={shell.noMatchesDetail}
                action={<Button onClick={() => setFind("")}>{shell.clearSearch}</Button>}
              />
            )
          }
        />
      </WideTable>
      {deleting === null ? null : (
        <DeleteModelsDialog
          arns={deleting}
          onClose={() => setDeleting(null)}
          onDeleted={() => {
            setDeleting(null);
            setIds([]);
          }}
        />
      )}
    </SpaceBetween>
  );
}
