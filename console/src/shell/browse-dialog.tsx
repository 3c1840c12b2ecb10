/** Choose a folder or an object of the store. */
import Box from "@cloudscape-design/components/box";
import BreadcrumbGroup from "@cloudscape-design/components/breadcrumb-group";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { listBuckets, listObjects } from "../api/lensmith.ts";
import { useFormat, useWords } from "../words/language.ts";
import { ErrorAlert } from "./error-details.tsx";
import { Empty } from "./page.tsx";
import { foldersOf, nameOf, type S3Place } from "./s3-uri.ts";

interface Row {
  readonly key: string;
  readonly name: string;
  readonly size: number | null;
  readonly isFolder: boolean;
}

/** The entries of a folder, read page by page. */
export function useFolder(bucket: string | null, prefix: string) {
  const query = useInfiniteQuery({
    queryKey: ["objects", bucket, prefix],
    queryFn: ({ pageParam }) => listObjects(bucket ?? "", prefix, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    enabled: bucket !== null,
  });
  const pages = query.data?.pages ?? [];
  return {
    ...query,
    prefixes: pages.flatMap((page) => page.prefixes),
    objects: pages.flatMap((page) => page.objects).filter(({ key }) => key !== prefix),
  };
}

export const useBuckets = () => useQuery({ queryKey: ["buckets"], queryFn: listBuckets });

export function BrowseDialog(props: {
  readonly title: string;
  readonly choose: "folder" | "object";
  readonly onChoose: (place: S3Place) => void;
  readonly onClose: () => void;
}): ReactNode {
  const { shell } = useWords();
  const t = shell.browsing;
  const format = useFormat();
  const [bucket, setBucket] = useState<string | null>(null);
  const [prefix, setPrefix] = useState("");
  const [selected, setSelected] = useState<Row | null>(null);
  const buckets = useBuckets();
  const folder = useFolder(bucket, prefix);
  const open = (nextBucket: string | null, nextPrefix: string): void => {
    setSelected(null);
    setBucket(nextBucket);
    setPrefix(nextPrefix);
  };
  const rows: readonly Row[] =
    bucket === null
      ? (buckets.data ?? []).map(({ name }) => ({ key: name, name, size: null, isFolder: true }))
      : [
          ...folder.prefixes.map((key) => ({ key, name: `${nameOf(key)}/`, size: null, isFolder: true })),
          ...folder.objects.map(({ key, size }) => ({ key, name: nameOf(key), size, isFolder: false })),
        ];
  const isObject = props.choose === "object";
  const chosen: S3Place | null =
    bucket === null
      ? selected !== null && !isObject
        ? { bucket: selected.key, key: "" }
        : null
      : selected !== null && selected.isFolder !== isObject
        ? { bucket, key: selected.key }
        : isObject
          ? null
          : { bucket, key: prefix };
  return (
    <Modal
      visible
      size="large"
      header={props.title}
      closeAriaLabel={shell.close}
      onDismiss={props.onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={props.onClose}>
              {shell.cancel}
            </Button>
            <Button
              variant="primary"
              disabled={chosen === null}
              onClick={() => chosen && props.onChoose(chosen)}
              data-testid="choose-place"
            >
              {isObject || selected !== null || bucket === null ? t.choose : t.chooseThis}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="s">
        <BreadcrumbGroup
          ariaLabel={shell.breadcrumbs}
          items={[
            { text: t.buckets, href: "#buckets" },
            ...(bucket === null ? [] : [{ text: bucket, href: "#" }]),
            ...foldersOf(prefix).map((each) => ({ text: each.name, href: `#${each.prefix}` })),
          ]}
          onFollow={(event) => {
            event.preventDefault();
            const { href } = event.detail;
            if (href === "#buckets") open(null, "");
            else open(bucket, href.slice(1));
          }}
        />
        <ErrorAlert error={bucket === null ? buckets.error : folder.error} />
        <Table<Row>
          variant="embedded"
          items={rows}
          trackBy="key"
          loading={bucket === null ? buckets.isPending : folder.isPending}
          loadingText={shell.loading}
          selectionType="single"
          selectedItems={selected === null ? [] : [selected]}
          isItemDisabled={(row) => row.isFolder === isObject}
          onSelectionChange={({ detail }) => setSelected(detail.selectedItems[0] ?? null)}
          ariaLabels={{
            tableLabel: props.title,
            selectionGroupLabel: t.selection,
            itemSelectionLabel: (_, row) => t.select(row.name),
          }}
          columnDefinitions={[
            {
              id: "name",
              header: t.name,
              isRowHeader: true,
              cell: (row) =>
                row.isFolder ? (
                  <Link onFollow={() => (bucket === null ? open(row.key, "") : open(bucket, row.key))}>
                    {row.name}
                  </Link>
                ) : (
                  row.name
                ),
            },
            {
              id: "size",
              header: t.size,
              cell: (row) => (row.size === null ? "" : format.bytes(row.size)),
            },
          ]}
          empty={<Empty title={bucket === null ? t.noBuckets : t.noObjects} />}
          footer={
            folder.hasNextPage && bucket !== null ? (
              <Button loading={folder.isFetchingNextPage} onClick={() => void folder.fetchNextPage()}>
                {t.more}
              </Button>
            ) : undefined
          }
        />
      </SpaceBetween>
    </Modal>
  );
}
