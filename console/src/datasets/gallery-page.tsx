import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Header from "@cloudscape-design/components/header";
import HelpPanel from "@cloudscape-design/components/help-panel";
import Input from "@cloudscape-design/components/input";
import Pagination from "@cloudscape-design/components/pagination";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import Box from "@cloudscape-design/components/box";
import Tabs from "@cloudscape-design/components/tabs";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { type DatasetKind, type DatasetRow, listImages } from "../api/lensmith.ts";
import * as queries from "../api/queries.ts";
import { labelColours } from "../pictures/label-colours.ts";
import { useChangeSearch, useGo, useParam, useSearch } from "../shell/address.ts";
import { DeleteDatasetDialog } from "../shell/delete-dataset-dialog.tsx";
import { ErrorAlert } from "../shell/error-details.tsx";
import { Empty, Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { useFormat, useWords } from "../words/language.ts";
import { AddImagesDialog } from "./add-images-dialog.tsx";
import { FailureAdvice } from "./failure-advice.tsx";
import { type Filters, filtersOf, forLabelling, isFiltered, PAGE_SIZES, request } from "./filters.ts";
import "./gallery.css";
import { ImageGrid } from "./image-grid.tsx";
import { LabelPanel } from "./label-panel.tsx";

const KINDS: readonly DatasetKind[] = ["train", "test"];
/** A change made by boto3 is shown within ten seconds (acceptance 57). */
const WATCH_MS = 8_000;
const TYPING_MS = 300;

/** Search by file name: the address changes once typing pauses. */
function NameSearch({ filters }: { readonly filters: Filters }): ReactNode {
  const { gallery: t } = useWords();
  const change = useChangeSearch();
  const [typed, setTyped] = useState(filters.name);
  const [seen, setSeen] = useState(filters.name);
  if (seen !== filters.name) {
    setSeen(filters.name);
    setTyped(filters.name);
  }
  useEffect(() => {
    if (typed === filters.name) return undefined;
    const timer = setTimeout(() => change({ name: typed, page: null }, { replace: true }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, filters.name, change]);
  return (
    <Input
      type="search"
      value={typed}
      placeholder={t.findByName}
      ariaLabel={t.findByName}
      onChange={({ detail }) => setTyped(detail.value)}
      data-testid="find-by-name"
    />
  );
}

function Pages(props: {
  readonly filters: Filters;
  readonly total: number;
  readonly isOpen: boolean;
}): ReactNode {
  const { gallery: t } = useWords();
  const change = useChangeSearch();
  const { filters, total } = props;
  const options = PAGE_SIZES.map((size) => ({ value: String(size), label: t.perPage(size) }));
  return (
    <>
      <Select
        selectedOption={options.find(({ value }) => value === String(filters.size)) ?? null}
        options={options}
        ariaLabel={t.pageSize}
        onChange={({ detail }) => change({ size: detail.selectedOption.value ?? null, page: null })}
      />
      <Pagination
        currentPageIndex={filters.page}
        pagesCount={Math.max(1, Math.ceil(total / filters.size))}
        openEnd={props.isOpen}
        ariaLabels={{
          nextPageLabel: t.nextPage,
          previousPageLabel: t.previousPage,
          pageLabel: t.pageNumber,
        }}
        onChange={({ detail }) => change({ page: String(detail.currentPageIndex) })}
      />
    </>
  );
}

function Gallery(props: {
  readonly dataset: DatasetRow;
  readonly filters: Filters;
  readonly onAdd: () => void;
}): ReactNode {
  const { gallery: t } = useWords();
  const format = useFormat();
  const search = useSearch();
  const change = useChangeSearch();
  const { dataset, filters } = props;
  const { project, type } = dataset;
  const wanted = request(filters);
  const labels = useQuery(queries.labels(project, type));
  const page = useQuery({
    queryKey: ["dataset", project, type, "images", wanted],
    queryFn: ({ signal }) => listImages(project, type, wanted, signal),
    placeholderData: keepPreviousData,
    refetchInterval: WATCH_MS,
  });
  const colours = useMemo(() => labelColours(labels.data ?? []), [labels.data]);
  const { data } = page;
  const isOpen = data?.isOpen === true;
  const lastPage = data === undefined ? 1 : Math.max(1, Math.ceil(data.total / filters.size));
  useEffect(() => {
    // Pictures may have gone since the address was made.
    if (data !== undefined && !page.isPlaceholderData && filters.page > lastPage) {
      change({ page: String(lastPage) }, { replace: true });
    }
  }, [change, data, filters.page, lastPage, page.isPlaceholderData]);
  const href = (image: { readonly source_ref: string }): string =>
    paths.label(project, type) + forLabelling(search, { image: image.source_ref });
  return (
    <div className="gallery">
      <LabelPanel filters={filters} counts={data?.counts} labels={labels.data} colours={colours} />
      <section aria-busy={page.isFetching}>
        <Header variant="h2" counter={data === undefined ? "" : `(${format.number(data.total)}${isOpen ? "+" : ""})`}>
          {t.images}
        </Header>
        <div className="gallery-tools">
          <NameSearch filters={filters} />
          <Pages filters={filters} total={data?.total ?? 0} isOpen={isOpen} />
        </div>
        <ErrorAlert error={page.error} retry={() => void page.refetch()} />
        {data === undefined ? (
          page.error === null ? (
            <Box textAlign="center" padding="xxl">
              <Spinner size="large" />
            </Box>
          ) : null
        ) : data.total > 0 ? (
          <ImageGrid images={data.images} colours={colours} href={href} />
        ) : isFiltered(filters) ? (
          <Empty title={t.noMatch} detail={t.noMatchDetail} />
        ) : (
          <Empty
            title={t.empty}
            detail={t.emptyDetail}
            action={
              <Button variant="primary" onClick={props.onAdd} data-testid="add-first-images">
                {t.add[type]}
              </Button>
            }
          />
        )}
      </section>
    </div>
  );
}

function StatusBanner({ dataset }: { readonly dataset: DatasetRow }): ReactNode {
  const { gallery: t } = useWords();
  if (dataset.status.endsWith("_FAILED")) {
    return (
      <Alert type="error" header={t.failed[dataset.type]}>
        {dataset.status_message}
        {dataset.status_code === null ? null : <div className="code">{dataset.status_code}</div>}
        <FailureAdvice code={dataset.status_code} project={dataset.project} kind={dataset.type} />
        <div>{t.failedAdvice}</div>
      </Alert>
    );
  }
  if (dataset.status.endsWith("_IN_PROGRESS")) {
    return (
      <Alert type="info" header={dataset.status}>
        {dataset.status_message}
      </Alert>
    );
  }
  return null;
}

type Dialog = "add" | "delete";

function DatasetActions(props: {
  readonly project: string;
  readonly kind: DatasetKind;
  readonly rows: readonly DatasetRow[];
  readonly onOpen: (dialog: Dialog, kind: DatasetKind) => void;
}): ReactNode {
  const { gallery: t } = useWords();
  const { project, kind, rows } = props;
  const has = (kind: DatasetKind): boolean => rows.some(({ type }) => type === kind);
  const missing = (kind: DatasetKind) => (has(kind) ? {} : { disabled: true, disabledReason: t.none[kind] });
  return (
    <ButtonDropdown
      data-testid="gallery-actions"
      items={[
        ...KINDS.map((kind) => ({ id: `add-${kind}`, text: t.add[kind], ...missing(kind) })),
        ...KINDS.filter((kind) => !has(kind)).map((kind) => ({
          id: `create-${kind}`,
          text: t.create[kind],
          href: paths.createDataset(project, kind),
        })),
        { id: "predict", text: t.prelabel, href: paths.startReview({ project, type: kind }) },
        { id: "health", text: t.health, href: paths.health(project) },
        ...KINDS.filter(has).map((kind) => ({ id: `delete-${kind}`, text: t.delete[kind] })),
      ]}
      onItemClick={({ detail }) => {
        const [dialog, kind] = detail.id.split("-");
        if ((dialog === "add" || dialog === "delete") && (kind === "train" || kind === "test")) {
          props.onOpen(dialog, kind);
        }
      }}
    >
      {t.actions}
    </ButtonDropdown>
  );
}

/** The pictures of a project's datasets: filters, search, pages, errors, adding (S9). */
export function GalleryPage(): ReactNode {
  const { gallery: t, projects, shell } = useWords();
  const format = useFormat();
  const go = useGo();
  const change = useChangeSearch();
  const project = useParam("project");
  const search = useSearch();
  const filters = useMemo(() => filtersOf(search), [search]);
  const all = useQuery(queries.datasetsOf(project));
  const [open, setOpen] = useState<{ dialog: Dialog; kind: DatasetKind } | null>(null);
  const rows = all.data ?? [];
  const described = useQuery({ ...queries.project(project), enabled: all.data !== undefined && rows.length === 0 });
  const of = (kind: DatasetKind): DatasetRow | undefined => rows.find(({ type }) => type === kind);
  const { kind } = filters;
  const dataset = of(kind);
  const opened = open === null ? undefined : of(open.kind);
  const canLabel = dataset !== undefined && dataset.images > 0 && dataset.status.endsWith("_COMPLETE");
  return (
    <Page
      title={t.title}
      crumbs={[
        { text: projects.title, href: paths.projects },
        { text: project, href: paths.project(project) },
      ]}
      help={
        <HelpPanel header={<h2>{t.title}</h2>}>
          <p>{t.help}</p>
          <p>{t.helpFilters}</p>
          <p>{t.helpFrozen}</p>
        </HelpPanel>
      }
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button
            href={canLabel ? paths.label(project, kind) + forLabelling(search) : ""}
            disabled={!canLabel}
            disabledReason={t.nothingToLabel}
            data-testid="start-labeling"
          >
            {t.startLabeling}
          </Button>
          <DatasetActions
            project={project}
            kind={kind}
            rows={rows}
            onOpen={(dialog, which) => setOpen({ dialog, kind: which })}
          />
          <Button
            variant="primary"
            href={paths.train(project)}
            disabled={of("train") === undefined}
            disabledReason={t.none.train}
            data-testid="train-model"
          >
            {t.trainModel}
          </Button>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="m">
        <ErrorAlert error={all.error} retry={() => void all.refetch()} />
        <Tabs
          disableContentPaddings
          activeTabId={kind}
          ariaLabel={t.title}
          onChange={({ detail }) =>
            change({
              type: detail.activeTabId,
              page: null,
              label: null,
              labeled: null,
              errors: null,
              name: null,
            })
          }
          tabs={KINDS.map((each) => {
            const row = of(each);
            const count = row === undefined ? "" : ` (${format.number(row.images)})`;
            return { id: each, label: `${t.kinds[each]}${count}` };
          })}
        />
        {dataset !== undefined ? (
          <>
            <StatusBanner dataset={dataset} />
            <Gallery
              key={dataset.arn}
              dataset={dataset}
              filters={filters}
              onAdd={() => setOpen({ dialog: "add", kind })}
            />
          </>
        ) : all.data === undefined ? (
          all.error === null ? (
            <Box textAlign="center" padding="xxl">
              <Spinner size="large" />
            </Box>
          ) : null
        ) : described.data === null ? (
          <Empty
            title={shell.notFound}
            detail={shell.notFoundDetail}
            action={<Button href={paths.projects}>{shell.toProjects}</Button>}
          />
        ) : (
          <Empty
            title={t.none[kind]}
            detail={t.noneDetail[kind]}
            action={
              <Button variant="primary" href={paths.createDataset(project, kind)}>
                {t.create[kind]}
              </Button>
            }
          />
        )}
      </SpaceBetween>
      {open?.dialog === "add" && opened !== undefined ? (
        <AddImagesDialog dataset={opened} onClose={() => setOpen(null)} />
      ) : null}
      {open?.dialog === "delete" && opened !== undefined ? (
        <DeleteDatasetDialog
          dataset={opened}
          onClose={() => setOpen(null)}
          onDeleted={() => {
            setOpen(null);
            // It may have gone from the list already.
            const isLast = rows.every(({ arn }) => arn === opened.arn);
            go(isLast ? paths.createDataset(project) : paths.project(project));
          }}
        />
      ) : null}
    </Page>
  );
}
