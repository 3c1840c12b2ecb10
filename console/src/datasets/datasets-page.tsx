import { useCollection } from "@cloudscape-design/collection-hooks";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Header from "@cloudscape-design/components/header";
import HelpPanel from "@cloudscape-design/components/help-panel";
import Link from "@cloudscape-design/components/link";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { DatasetRow } from "../api/lensmith.ts";
import * as queries from "../api/queries.ts";
import { DeleteDatasetDialog } from "../shell/delete-dataset-dialog.tsx";
import { ErrorAlert } from "../shell/error-details.tsx";
import { Empty, InfoLink, Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { Status } from "../shell/status.tsx";
import { WideTable } from "../shell/wide-table.tsx";
import { type Format, useFormat, useWords, type Words } from "../words/language.ts";
import { StartProjectDialog } from "./start-project-dialog.tsx";
import { UseAsTestDialog } from "./use-as-test-dialog.tsx";

const PAGE_SIZE = 20;
type Dialog = "test" | "delete" | "project";

function columns(t: Words["datasets"], format: Format): TableProps.ColumnDefinition<DatasetRow>[] {
  return [
    {
      id: "name",
      header: t.columns.name,
      sortingField: "project",
      isRowHeader: true,
      minWidth: 200,
      cell: (row) => (
        <Link href={paths.gallery(row.project, row.type)}>{t.nameOf(row.project, t.types[row.type])}</Link>
      ),
    },
    {
      id: "project",
      header: t.columns.project,
      cell: (row) => <Link href={paths.project(row.project)}>{row.project}</Link>,
    },
    {
      id: "association",
      header: t.columns.association,
      cell: (row) => (row.project === "" ? t.unassociated : t.associated),
    },
    { id: "status", header: t.columns.status, cell: (row) => <Status status={row.status} /> },
    {
      id: "images",
      header: t.columns.images,
      sortingField: "images",
      cell: (row) => format.number(row.images),
    },
    {
      id: "labeled",
      header: t.columns.labeled,
      sortingField: "labeled",
      cell: (row) => format.number(row.labeled),
    },
    {
      id: "labels",
      header: t.columns.labels,
      sortingField: "labels",
      cell: (row) => format.number(row.labels),
    },
    {
      id: "errors",
      header: t.columns.errors,
      sortingField: "errors",
      cell: (row) =>
        row.errors === 0 ? "0" : <Box color="text-status-error">{format.number(row.errors)}</Box>,
    },
    {
      id: "created",
      header: t.columns.created,
      sortingField: "created_at",
      cell: (row) => format.date(row.created_at),
    },
  ];
}

/** Every dataset of the account, and what another project can do with one (S17). */
export function DatasetsPage(): ReactNode {
  const { datasets: t, projects, shell } = useWords();
  const format = useFormat();
  const list = useQuery(queries.datasets());
  const [open, setOpen] = useState<Dialog | null>(null);
  const help = (
    <HelpPanel header={<h2>{t.title}</h2>}>
      <p>{t.help}</p>
    </HelpPanel>
  );
  const definitions = columns(t, format);
  const { items, collectionProps, filterProps, filteredItemsCount, paginationProps } =
    useCollection(list.data ?? [], {
      filtering: {
        filteringFunction: (row, text) =>
          t.nameOf(row.project, t.types[row.type]).toLowerCase().includes(text.trim().toLowerCase()),
        empty: (
          <Empty
            title={t.empty}
            detail={t.emptyDetail}
            action={<Button href={paths.createProject}>{projects.create}</Button>}
          />
        ),
        noMatch: <Empty title={shell.noMatches} detail={shell.noMatchesDetail} />,
      },
      pagination: { pageSize: PAGE_SIZE },
      sorting: {
        defaultState: { sortingColumn: { sortingField: "created_at" }, isDescending: true },
      },
      selection: { keepSelection: true, trackBy: "arn" },
    });
  const [selected] = collectionProps.selectedItems ?? [];
  // The row as it is now: it may have gone since it was selected.
  const chosen = list.data?.find(({ arn }) => arn === selected?.arn);
  const isReady = chosen !== undefined && chosen.status.endsWith("_COMPLETE");
  const close = (): void => setOpen(null);

  return (
    <Page title={t.title} help={help} bare>
      <SpaceBetween size="m">
        <ErrorAlert error={list.error} retry={() => void list.refetch()} />
        <WideTable>
          <Table<DatasetRow>
            {...collectionProps}
            variant="full-page"
            stickyHeader
            columnDefinitions={definitions}
            items={items}
            trackBy="arn"
            loading={list.isPending && list.error === null}
            loadingText={shell.loading}
            selectionType="single"
            ariaLabels={{
              tableLabel: t.title,
              selectionGroupLabel: t.selection,
              itemSelectionLabel: (_, row) => t.select(t.nameOf(row.project, t.types[row.type])),
            }}
            header={
              <Header
                variant="h1"
                counter={list.data === undefined ? "" : `(${format.number(list.data.length)})`}
                info={<InfoLink help={help} />}
                actions={
                  <SpaceBetween direction="horizontal" size="xs">
                    <Button iconName="refresh" ariaLabel={shell.refresh} onClick={() => void list.refetch()} />
                    <ButtonDropdown
                      disabled={chosen === undefined}
                      disabledReason={t.selectFirst}
                      items={[
                        { id: "test", text: t.useAsTest, disabled: !isReady },
                        { id: "delete", text: t.delete },
                      ]}
                      onItemClick={({ detail }) => setOpen(detail.id === "test" ? "test" : "delete")}
                      data-testid="dataset-actions"
                    >
                      {t.actions}
                    </ButtonDropdown>
                    <Button
                      variant="primary"
                      disabled={!isReady}
                      disabledReason={t.selectFirst}
                      onClick={() => setOpen("project")}
                      data-testid="create-project-with-dataset"
                    >
                      {t.createProject}
                    </Button>
                  </SpaceBetween>
                }
              >
                {t.title}
              </Header>
            }
            filter={
              <TextFilter
                {...filterProps}
                filteringPlaceholder={t.find}
                filteringAriaLabel={t.find}
                countText={shell.matches(filteredItemsCount ?? 0)}
              />
            }
            pagination={<Pagination {...paginationProps} />}
          />
        </WideTable>
      </SpaceBetween>
      {open === "project" && chosen !== undefined ? (
        <StartProjectDialog dataset={chosen} onClose={close} />
      ) : null}
      {open === "test" && chosen !== undefined ? <UseAsTestDialog dataset={chosen} onClose={close} /> : null}
      {open === "delete" && chosen !== undefined ? (
        <DeleteDatasetDialog dataset={chosen} onClose={close} onDeleted={close} />
      ) : null}
    </Page>
  );
}
