/** The folders and objects of a bucket, to open, select, sort and find. */
import { useCollection } from "@cloudscape-design/collection-hooks";
import Button from "@cloudscape-design/components/button";
import Icon from "@cloudscape-design/components/icon";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import type { ReactNode } from "react";
import type { StoredObject } from "../api/lensmith.ts";
import type { useFolder } from "../shell/browse-dialog.tsx";
import { Empty } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { isManifest, isPicture, nameOf } from "../shell/s3-uri.ts";
import { WideTable } from "../shell/wide-table.tsx";
import { useFormat, useWords } from "../words/language.ts";

export interface Row {
  readonly key: string;
  readonly name: string;
  readonly object: StoredObject | null;
}

export function rowsOf(folder: ReturnType<typeof useFolder>): readonly Row[] {
  return [
    ...folder.prefixes.map((key) => ({ key, name: `${nameOf(key)}/`, object: null })),
    ...folder.objects.map((object) => ({ key: object.key, name: nameOf(object.key), object })),
  ];
}

export function ObjectTable(props: {
  readonly bucket: string;
  readonly folder: ReturnType<typeof useFolder>;
  readonly selected: readonly Row[];
  readonly onSelect: (rows: readonly Row[]) => void;
  readonly onPreview: (object: StoredObject) => void;
  readonly header: ReactNode;
}): ReactNode {
  const { storage: t, shell } = useWords();
  const format = useFormat();
  const { bucket, folder } = props;
  const { items, collectionProps, filterProps, filteredItemsCount } = useCollection(rowsOf(folder), {
    filtering: {
      filteringFunction: (row, text) => row.name.toLowerCase().includes(text.trim().toLowerCase()),
      empty: <Empty title={t.empty} detail={t.emptyDetail} />,
      noMatch: <Empty title={shell.noMatches} detail={shell.noMatchesDetail} />,
    },
    sorting: {},
  });
  return (
    <WideTable>
      <Table<Row>
        {...collectionProps}
        variant="container"
        stickyHeader
        items={items}
        trackBy="key"
        loading={folder.isPending && folder.error === null}
        loadingText={shell.loading}
        selectionType="multi"
        selectedItems={[...props.selected]}
        isItemDisabled={(row) => row.object === null}
        onSelectionChange={({ detail }) => props.onSelect(detail.selectedItems)}
        ariaLabels={{
          tableLabel: t.objects,
          selectionGroupLabel: t.selection,
          allItemsSelectionLabel: () => t.selection,
          itemSelectionLabel: (_, row) => t.select(row.name),
        }}
        header={props.header}
        filter={
          <TextFilter
            {...filterProps}
            filteringPlaceholder={t.find}
            filteringAriaLabel={t.find}
            countText={shell.matches(filteredItemsCount ?? 0)}
          />
        }
        columnDefinitions={[
          {
            id: "name",
            header: t.name,
            sortingField: "name",
            isRowHeader: true,
            minWidth: 240,
            cell: ({ key, name, object }) => (
              <SpaceBetween direction="horizontal" size="xs">
                <Icon name={object === null ? "folder" : "file"} />
                {object === null ? (
                  <Link href={paths.storage(bucket, key)}>{name}</Link>
                ) : isPicture(key) || isManifest(key) ? (
                  <Link onFollow={() => props.onPreview(object)}>{name}</Link>
                ) : (
                  name
                )}
              </SpaceBetween>
            ),
          },
          {
            id: "size",
            header: t.size,
            sortingComparator: (a, b) => (a.object?.size ?? -1) - (b.object?.size ?? -1),
            cell: ({ object }) => (object === null ? "" : format.bytes(object.size)),
          },
          {
            id: "modified",
            header: t.modified,
            sortingComparator: (a, b) =>
              (a.object?.modified_at ?? "").localeCompare(b.object?.modified_at ?? ""),
            cell: ({ object }) => (object === null ? "" : format.date(object.modified_at)),
          },
        ]}
        footer={
          folder.hasNextPage ? (
            <Button loading={folder.isFetchingNextPage} onClick={() => void folder.fetchNextPage()}>
              {t.more}
            </Button>
          ) : undefined
        }
      />
    </WideTable>
  );
}
