import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import Header from "@cloudscape-design/components/header";
import HelpPanel from "@cloudscape-design/components/help-panel";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tiles from "@cloudscape-design/components/tiles";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useCallback, useEffect, useState } from "react";
import { ApiError, hasCode } from "../api/errors.ts";
import type { DatasetKind } from "../api/lensmith.ts";
import * as queries from "../api/queries.ts";
import { useChangeSearch, useGo, useSearch } from "../shell/address.ts";
import { ErrorAlert } from "../shell/error-details.tsx";
import { KnownProject } from "../shell/known-project.tsx";
import { notify } from "../shell/notices.ts";
import { Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { useWords } from "../words/language.ts";
import { type Created, createDataset, createdIn, createDivided, written } from "./create.ts";
import "./create-dataset.css";
import { canDivide, EMPTY_FORM, problemsOf, type SourceForm } from "./import-sources.ts";
import { type ImportEnd, ImportProgress, NO_PART } from "./import-progress.tsx";
import { SourceFields } from "./source-fields.tsx";

type Configuration = "single" | "both";
type Forms = Readonly<Record<DatasetKind, SourceForm>>;

class RefusedError extends Error {
  constructor(
    readonly kind: DatasetKind,
    override readonly cause: unknown,
  ) {
    super("refused");
  }
}

const isAboutSource = (error: unknown): boolean =>
  hasCode(error, "InvalidS3ObjectException", "NoSuchBucket", "InvalidParameterException");

/** Imports under way, until each has ended. */
function Imports(props: { readonly project: string; readonly created: readonly Created[] }): ReactNode {
  const { datasets } = useWords();
  const t = datasets.creating;
  const go = useGo();
  const changeSearch = useChangeSearch();
  const client = useQueryClient();
  const { project, created } = props;
  const [ended, setEnded] = useState<ReadonlyMap<DatasetKind, "clean" | "dropped" | "failed" | "absent">>(new Map());
  const [first] = created;
  const tasks = created.filter(({ task }) => task !== null);
  const end = useCallback(
    (kind: DatasetKind, { state, hasDropped, code }: ImportEnd): void => {
      const isAbsent = kind === "test" && code === NO_PART;
      const how = isAbsent ? "absent" : state !== "completed" ? "failed" : hasDropped ? "dropped" : "clean";
      if (isAbsent) notify({ type: "info", id: "no-part", content: t.noTestPart });
      setEnded((old) => (old.get(kind) === how ? old : new Map(old).set(kind, how)));
      void client.invalidateQueries({ queryKey: ["datasets"] });
      void client.invalidateQueries({ queryKey: ["dataset", project] });
    },
    [client, project, t],
  );
  const isOver = ended.size === tasks.length;
  const isClean = isOver && [...ended.values()].every((how) => how === "clean" || how === "absent");
  const kind = first?.kind ?? "train";
  useEffect(() => {
    if (isClean) go(paths.gallery(project, kind), { replace: true });
  }, [go, isClean, kind, project]);
  return (
    <Container>
      <SpaceBetween size="l">
        {tasks.map(({ kind: each, task }) => (
          <OneImport key={each} project={project} kind={each} task={task ?? ""} onEnd={end} />
        ))}
        {isOver && !isClean ? (
          <SpaceBetween direction="horizontal" size="xs">
            {[...ended.values()].some((how) => how !== "failed") || tasks.length < created.length ? (
              <Button variant="primary" href={paths.gallery(project, kind)} data-testid="to-dataset">
                {t.toDataset}
              </Button>
            ) : null}
            {[...ended.values()].includes("failed") ? (
              <Button onClick={() => changeSearch({ import: null }, { replace: true })}>{t.tryAgain}</Button>
            ) : null}
          </SpaceBetween>
        ) : null}
      </SpaceBetween>
    </Container>
  );
}

function OneImport(props: {
  readonly project: string;
  readonly kind: DatasetKind;
  readonly task: string;
  readonly onEnd: (kind: DatasetKind, end: ImportEnd) => void;
}): ReactNode {
  const { kind, onEnd } = props;
  const end = useCallback((how: ImportEnd) => onEnd(kind, how), [kind, onEnd]);
  return <ImportProgress task={props.task} project={props.project} kind={kind} onEnd={end} />;
}

function ConfigurationTiles(props: {
  readonly value: Configuration;
  readonly onChange: (value: Configuration) => void;
}): ReactNode {
  const { datasets } = useWords();
  const t = datasets.creating;
  return (
    <Container header={<Header variant="h2">{t.configuration}</Header>}>
      <SpaceBetween size="m">
        <Tiles
          value={props.value}
          ariaLabel={t.configuration}
          items={[
            { value: "single", label: t.single, description: t.singleText },
            { value: "both", label: t.both, description: t.bothText },
          ]}
          onChange={({ detail }) => props.onChange(detail.value === "single" ? "single" : "both")}
        />
        <Alert type="info">{t.explained}</Alert>
      </SpaceBetween>
    </Container>
  );
}

function CreateForm(props: {
  readonly project: { readonly name: string; readonly arn: string };
  readonly only: DatasetKind | null;
  readonly onCreated: (created: readonly Created[]) => void;
}): ReactNode {
  const { datasets, shell } = useWords();
  const t = datasets.creating;
  const { project, only } = props;
  const client = useQueryClient();
  const [configuration, setConfiguration] = useState<Configuration>("single");
  const [forms, setForms] = useState<Forms>({ train: EMPTY_FORM, test: EMPTY_FORM });
  const [isChecked, setChecked] = useState(false);
  const kinds: readonly DatasetKind[] =
    only !== null ? [only] : configuration === "both" ? ["train", "test"] : ["train"];
  // Only where both datasets are still to come.
  const isDivisible = only === null && kinds.length === 1;
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: async () => {
      if (isDivisible && forms.train.withTest && canDivide(forms.train)) {
        try {
          return await createDivided(project.name, forms.train);
        } catch (cause) {
          throw new RefusedError("train", cause);
        }
      }
      const created: Created[] = [];
      const existing = await client.fetchQuery({ ...queries.datasetsOf(project.name), staleTime: 0 });
      for (const kind of kinds) {
        // One of the two may be there from a try before, whose other half was refused.
        const isThere = existing.some((row) => row.type === kind);
        if (isThere && kinds.length > 1) continue;
        try {
          created.push(await createDataset(project, kind, forms[kind]));
        } catch (cause) {
          throw new RefusedError(kind, cause);
        }
      }
      return created;
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["datasets"] }),
    onSuccess: props.onCreated,
  });
  const cause = error instanceof RefusedError ? error.cause : error;
  const submit = (): void => {
    setChecked(true);
    if (kinds.every((kind) => Object.keys(problemsOf(forms[kind])).length === 0)) mutate();
  };
  const refused = (kind: DatasetKind): string | null =>
    error instanceof RefusedError && error.kind === kind && isAboutSource(cause) && cause instanceof ApiError
      ? cause.message
      : null;
  const title = { train: t.trainingDetails, test: t.testDetails };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Form
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" formAction="none" href={paths.project(project.name)}>
              {shell.cancel}
            </Button>
            <Button variant="primary" loading={isPending} data-testid="create-dataset">
              {kinds.length > 1 ? t.createBoth : t.create}
            </Button>
          </SpaceBetween>
        }
      >
        <SpaceBetween size="l">
          {only === null ? <ConfigurationTiles value={configuration} onChange={setConfiguration} /> : null}
          {kinds.map((kind) => (
            <div key={kind} data-testid={`source-${kind}`}>
              <Container header={<Header variant="h2">{title[kind]}</Header>}>
                <SourceFields
                  form={forms[kind]}
                  isChecked={isChecked}
                  refused={refused(kind)}
                  isDivisible={isDivisible}
                  onChange={(change) => {
                    reset();
                    setChecked(false);
                    setForms((old) => ({ ...old, [kind]: { ...old[kind], ...change } }));
                  }}
                />
              </Container>
            </div>
          ))}
          <ErrorAlert error={isAboutSource(cause) ? null : cause} />
        </SpaceBetween>
      </Form>
    </form>
  );
}

/** Create the datasets of a project from any source (S8). */
export function CreateDatasetPage(): ReactNode {
  return <KnownProject>{({ ProjectArn: arn = "" }, name) => <CreatePage key={name} name={name} arn={arn} />}</KnownProject>;
}

function CreatePage({ name, arn }: { readonly name: string; readonly arn: string }): ReactNode {
  const { datasets, projects } = useWords();
  const t = datasets.creating;
  const go = useGo();
  const search = useSearch();
  const type = search.get("type");
  const only = type === "train" || type === "test" ? type : null;
  const all = useQuery(queries.datasetsOf(name));
  const changeSearch = useChangeSearch();
  const created = createdIn(search);
  const rows = all.data ?? [];
  // With one dataset there only the other can be created.
  const missing = rows.length === 1 ? (rows[0]?.type === "train" ? "test" : "train") : null;
  return (
    <Page
      title={t.title}
      crumbs={[
        { text: projects.title, href: paths.projects },
        { text: name, href: paths.project(name) },
      ]}
      help={
        <HelpPanel header={<h2>{t.title}</h2>}>
          <p>{t.help}</p>
          <p>{t.explained}</p>
        </HelpPanel>
      }
    >
      {created.length > 0 ? (
        <Imports key={search.getAll("import").join()} project={name} created={created} />
      ) : (
        <CreateForm
          project={{ name, arn }}
          only={only ?? missing}
          onCreated={(made) => {
            const [first] = made;
            if (made.some(({ task }) => task !== null)) changeSearch({ import: made.map(written) }, { replace: true });
            else go(paths.gallery(name, first?.kind ?? "train"), { replace: true });
          }}
        />
      )}
    </Page>
  );
}
