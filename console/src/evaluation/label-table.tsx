import { useCollection } from "@cloudscape-design/collection-hooks";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import Pagination from "@cloudscape-design/components/pagination";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import type { ReactNode } from "react";
import type { LabelReport } from "../api/versions.ts";
import { Empty } from "../shell/page.tsx";
import { WideTable } from "../shell/wide-table.tsx";
import { useFormat, useWords } from "../words/language.ts";
import { resultsHref } from "./results-address.ts";

const PAGE = 50;

type Figure = "f1_score" | "precision" | "recall" | "threshold";

/** Figures of every label at its assumed threshold; each column sorts. */
export function LabelTable(props: {
  readonly project: string;
  readonly name: string;
  readonly labels: readonly LabelReport[];
}): ReactNode {
  const { evaluation: t, shell } = useWords();
  const format = useFormat();
  const { project, name, labels } = props;
  const { items, collectionProps, filterProps, filteredItemsCount, paginationProps, actions } = useCollection(labels, {
    filtering: {
      filteringFunction: ({ label }, text) => label.toLowerCase().includes(text.trim().toLowerCase()),
    },
    sorting: { defaultState: { sortingColumn: { sortingField: "f1_score" } } },
    pagination: { pageSize: PAGE },
  });
  const figure = (id: Figure, header: string): TableProps.ColumnDefinition<LabelReport> => ({
    id,
    header,
    sortingField: id,
    cell: (row) => (row.test_images === 0 && id !== "threshold" ? t.noTest : format.decimals(row[id], 3)),
  });
  return (
    <WideTable>
      <Table<LabelReport>
        {...collectionProps}
        items={items}
        trackBy="label"
        ariaLabels={{ tableLabel: t.perLabel }}
        data-testid="labels"
        columnDefinitions={[
          {
            id: "label",
            header: t.columns.label,
            isRowHeader: true,
            sortingField: "label",
            cell: ({ label }) => (
              <Link href={resultsHref(project, name, { label: [label] })} ariaLabel={t.showImages(label)}>
                {label}
              </Link>
            ),
          },
          figure("f1_score", t.columns.f1),
          {
            id: "test_images",
            header: t.columns.images,
            sortingField: "test_images",
            cell: (row) => format.number(row.test_images),
          },
          figure("precision", t.columns.precision),
          figure("recall", t.columns.recall),
          figure("threshold", t.columns.threshold),
        ]}
        header={
          <Header variant="h2" counter={`(${format.number(labels.length)})`}>
            {t.perLabel}
          </Header>
        }
        filter={
          <TextFilter
            {...filterProps}
            filteringPlaceholder={t.find}
            filteringAriaLabel={t.find}
            countText={filterProps.filteringText === "" ? "" : shell.matches(filteredItemsCount ?? 0)}
          />
        }
        {...(labels.length > PAGE ? { pagination: <Pagination {...paginationProps} /> } : {})}
        empty={
          <Empty
            title={shell.noMatches}
            detail={shell.noMatchesDetail}
            action={<Button onClick={() => actions.setFiltering("")}>{shell.clearSearch}</Button>}
          />
        }
      />
    </WideTable>
  );
}
