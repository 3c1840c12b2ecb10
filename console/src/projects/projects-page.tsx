import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import HelpPanel from "@cloudscape-design/components/help-panel";
import Link from "@cloudscape-design/components/link";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { useQueries, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import * as queries from "../api/queries.ts";
import { useChangeSearch, useSearch } from "../shell/address.ts";
import { ErrorAlert } from "../shell/error-details.tsx";
import { InfoLink, Empty, Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { Status } from "../shell/status.tsx";
import { WideTable } from "../shell/wide-table.tsx";
import { type Format, useFormat, useWords, type Words } from "../words/language.ts";
import { DeleteProjectDialog } from "./delete-project-dialog.tsx";
import { arranged, newest, parseSorting, type ProjectRow, projectRow, type Row, sortingText } from "./rows.ts";

const PAGE_SIZE = 20;

const version = (row: Row) => (row.kind === "version" ? row : newest(row));

const score = (row: Row): number | undefined => version(row)?.description.EvaluationResult?.F1Score;

function columns(t: Words["projects"], format: Format): TableProps.ColumnDefinition<Row>[] {
  return [
    {
      id: "name",
      header: t.columns.name,
      sortingField: "name",
      isRowHeader: true,
      minWidth: 150,
      maxWidth: 320, // names have up to 255 characters; the other columns stay in sight
      cell: (row) => (
        <Link href={row.kind === "project" ? paths.project(row.name) : paths.model(row.project, row.name)}>
          <span title={row.name}>{row.name}</span>
        </Link>
      ),
    },
    {
      id: "versions",
      header: t.columns.versions,
      cell: (row) => (row.kind === "project" && row.versions ? format.number(row.versions.length) : ""),
    },
    {
      id: "created",
      header: t.columns.created,
      sortingField: "created",
      minWidth: 120,
      cell: (row) => format.date(row.created),
    },
    {
      id: "performance",
      header: t.columns.performance,
      cell: (row) => {
        const value = score(row);
        return value === undefined ? "-" : format.decimals(value, 3);
      },
    },
    {
      id: "status",
      header: t.columns.status,
      minWidth: 195,
      cell: (row) =>
        row.kind === "project" && row.status === "DELETING" ? (
          <Status status="DELETING" raw />
        ) : (
          <Status status={version(row)?.description.Status} raw />
        ),
    },
    {
      id: "message",
      header: t.columns.message,
      minWidth: 160,
      cell: (row) => version(row)?.description.StatusMessage ?? "-",
    },
  ];
}

/** The projects of the account (S5): search, order and page are in the address. */
export function ProjectsPage(): ReactNode {
  const { projects: t, shell } = useWords();
  const format = useFormat();
  const search = useSearch();
  const change = useChangeSearch();
  const [selected, setSelected] = useState<ProjectRow | null>(null);
  const [expanded, setExpanded] = useState<readonly string[]>([]);
  const [deleting, setDeleting] = useState<ProjectRow | null>(null);
  const list = useQuery(queries.projects());

  const find = search.get("find") ?? "";
  const sorting = parseSorting(search.get("sort"));
  const found = arranged(list.data ?? [], find, sorting);
  const pages = Math.max(1, Math.ceil(found.length / PAGE_SIZE));
  const page = Math.min(pages, Math.max(1, Number(search.get("page")) || 1));
  const shown = found.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE);
  const versions = useQueries({ queries: shown.map(({ ProjectArn = "" }) => queries.versions(ProjectArn)) });
  const rows = shown.map((project, index) => projectRow(project, versions[index]?.data));
  const chosen = rows.find((row) => row.id === selected?.id);
  const help = (
    <HelpPanel header={<h2>{t.help.title}</h2>}>
      <p>{t.help.text}</p>
      <p>{t.help.performance}</p>
    </HelpPanel>
  );
  const definitions = columns(t, format);

  return (
    <Page title={t.title} bare help={help}>
      <SpaceBetween size="m">
        <ErrorAlert error={list.error} retry={() => void list.refetch()} />
        <WideTable>
          <Table<Row>
            variant="full-page"
            wrapLines
            stickyHeader
            columnDefinitions={definitions}
            items={rows}
            trackBy="id"
            loading={list.isPending && list.error === null}
            loadingText={shell.loading}
            selectionType="single"
            selectedItems={chosen === undefined ? [] : [chosen]}
            isItemDisabled={(row) => row.kind === "version"}
            onSelectionChange={({ detail }) => {
              const [row] = detail.selectedItems;
              setSelected(row?.kind === "project" ? row : null);
            }}
            expandableRows={{
              getItemChildren: (row) => (row.kind === "project" ? [...(row.versions ?? [])] : []),
              isItemExpandable: (row) => row.kind === "project" && (row.versions?.length ?? 0) > 0,
              expandedItems: rows.filter(({ id }) => expanded.includes(id)),
              onExpandableItemToggle: ({ detail }) =>
                setExpanded(
                  detail.expanded
                    ? [...expanded, detail.item.id]
                    : expanded.filter((id) => id !== detail.item.id),
                ),
            }}
            sortingColumn={definitions.find(({ id }) => id === sorting.field) ?? { sortingField: sorting.field }}
            sortingDescending={sorting.descending}
            onSortingChange={({ detail }) => {
              const field = detail.sortingColumn.sortingField === "name" ? "name" : "created";
              change({ sort: sortingText({ field, descending: detail.isDescending === true }), page: null });
            }}
            ariaLabels={{
              tableLabel: t.title,
              selectionGroupLabel: t.selection,
              itemSelectionLabel: (_, row) => t.select(row.name),
              expandButtonLabel: (row) => t.expand(row.name),
              collapseButtonLabel: (row) => t.collapse(row.name),
            }}
            header={
              <Header
                variant="h1"
                counter={list.data === undefined ? "" : `(${format.number(list.data.length)})`}
                info={<InfoLink help={help} />}
                actions={
                  <SpaceBetween direction="horizontal" size="xs">
                    <Button
                      iconName="refresh"
                      ariaLabel={shell.refresh}
                      onClick={() => void list.refetch()}
                    />
                    <Button
                      disabled={chosen === undefined}
                      disabledReason={t.selectFirst}
                      onClick={() => setDeleting(chosen ?? null)}
                      data-testid="delete-project"
                    >
                      {t.delete}
                    </Button>
                    <Button
                      disabled={chosen === undefined}
                      disabledReason={t.selectFirst}
                      {...(chosen === undefined ? {} : { href: paths.train(chosen.name) })}
                    >
                      {t.trainNew}
                    </Button>
                    <Button variant="primary" href={paths.createProject}>
                      {t.create}
                    </Button>
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
                countText={find === "" ? "" : shell.matches(found.length)}
                onChange={({ detail }) => change({ find: detail.filteringText, page: null }, { replace: true })}
              />
            }
            pagination={
              <Pagination
                currentPageIndex={page}
                pagesCount={pages}
                onChange={({ detail }) => change({ page: String(detail.currentPageIndex) })}
              />
            }
            empty={
              find === "" ? (
                <Empty
                  title={t.empty}
                  detail={t.emptyDetail}
                  action={
                    <SpaceBetween size="xs" alignItems="center">
                      <Button variant="primary" href={paths.createProject}>
                        {t.create}
                      </Button>
                    </SpaceBetween>
                  }
                />
              ) : (
                <Empty
                  title={shell.noMatches}
                  detail={shell.noMatchesDetail}
                  action={<Button onClick={() => change({ find: null })}>{shell.clearSearch}</Button>}
                />
              )
            }
          />
        </WideTable>
      </SpaceBetween>
      {deleting === null ? null : (
        <DeleteProjectDialog
          arn={deleting.id}
          name={deleting.name}
          onClose={() => setDeleting(null)}
          onDeleted={() => {
            setDeleting(null);
            setSelected(null);
          }}
        />
      )}
    </Page>
  );
}
