import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Container from "@cloudscape-design/components/container";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import Header from "@cloudscape-design/components/header";
import HelpPanel from "@cloudscape-design/components/help-panel";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { DatasetKind, DatasetRow } from "../api/lensmith.ts";
import * as queries from "../api/queries.ts";
import type { ProjectDescription } from "../api/rekognition.ts";
import { useGo } from "../shell/address.ts";
import { DeleteDatasetDialog } from "../shell/delete-dataset-dialog.tsx";
import { ErrorAlert } from "../shell/error-details.tsx";
import { Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { useFormat, useWords } from "../words/language.ts";
import { DeleteProjectDialog } from "./delete-project-dialog.tsx";
import { HowItWorks } from "./how-it-works.tsx";
import { KnownProject } from "../shell/known-project.tsx";
import { ModelsTable } from "./models-table.tsx";
import { progress } from "./progress.ts";

const KINDS: readonly DatasetKind[] = ["train", "test"];

function Details(props: {
  readonly project: ProjectDescription;
  readonly name: string;
  readonly datasets: readonly DatasetRow[];
  readonly models: number | undefined;
}): ReactNode {
  const { projects, shell } = useWords();
  const t = projects.page;
  const format = useFormat();
  const kindNames = { train: t.training, test: t.test };
  const { ProjectArn: arn = "" } = props.project;
  return (
    <Container header={<Header variant="h2">{t.details}</Header>}>
      <KeyValuePairs
        columns={3}
        items={[
          { label: t.name, value: props.name },
          { label: t.createdAt, value: format.date(props.project.CreationTimestamp ?? 0) },
          {
            label: t.dataset,
            value:
              props.datasets.length === 0 ? (
                <Link href={paths.createDataset(props.name)}>{t.createDataset}</Link>
              ) : (
                <>
                  {props.datasets.map((dataset) => (
                    <div key={dataset.arn}>
                      <Link href={paths.gallery(props.name, dataset.type)}>{kindNames[dataset.type]}</Link>
                      {" · "}
                      {t.images(format.number(dataset.images))}
                    </div>
                  ))}
                </>
              ),
          },
          {
            label: t.models,
            value: (
              <Link href={paths.models(props.name)}>
                {props.models === undefined ? "-" : format.number(props.models)}
              </Link>
            ),
          },
          {
            label: t.arn,
            value: (
              <CopyToClipboard
                variant="inline"
                textToCopy={arn}
                copyButtonAriaLabel={shell.copy}
                copySuccessText={shell.copied}
                copyErrorText={shell.notCopied}
              />
            ),
          },
        ]}
      />
    </Container>
  );
}

function Actions(props: {
  readonly name: string;
  readonly datasets: readonly DatasetRow[];
  readonly onDeleteDataset: (dataset: DatasetRow) => void;
}): ReactNode {
  const { projects } = useWords();
  const t = projects.page;
  const of = (kind: DatasetKind) => props.datasets.find(({ type }) => type === kind);
  const texts = {
    train: { create: t.createTraining, remove: t.deleteTraining },
    test: { create: t.createTest, remove: t.deleteTest },
  };
  return (
    <ButtonDropdown
      items={[
        ...KINDS.map((kind) => ({
          id: `create-${kind}`,
          text: texts[kind].create,
          href: paths.createDataset(props.name, kind),
          ...(of(kind) === undefined ? {} : { disabled: true, disabledReason: t.exists }),
        })),
        ...KINDS.map((kind) => ({
          id: kind,
          text: texts[kind].remove,
          ...(of(kind) === undefined ? { disabled: true, disabledReason: t.noDataset } : {}),
        })),
      ]}
      onItemClick={({ detail }) => {
        const dataset = props.datasets.find(({ type }) => type === detail.id);
        if (dataset !== undefined) props.onDeleteDataset(dataset);
      }}
      data-testid="project-actions"
    >
      {t.actions}
    </ButtonDropdown>
  );
}

function Project(props: { readonly project: ProjectDescription; readonly name: string }): ReactNode {
  const { projects } = useWords();
  const t = projects.page;
  const go = useGo();
  const { name, project } = props;
  const arn = project.ProjectArn ?? "";
  const versions = useQuery(queries.versions(arn));
  const all = useQuery(queries.datasetsOf(name));
  const [deleting, setDeleting] = useState(false);
  const [dataset, setDataset] = useState<DatasetRow | null>(null);
  const datasets = (all.data ?? []).filter(({ project_arn }) => project_arn === arn);
  return (
    <Page
      title={name}
      crumbs={[{ text: projects.title, href: paths.projects }]}
      help={
        <HelpPanel header={<h2>{t.howItWorks}</h2>}>
          <p>{t.help}</p>
          <p>{t.labelImagesText}</p>
          <p>{t.checkMetricsText}</p>
        </HelpPanel>
      }
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button onClick={() => setDeleting(true)} data-testid="delete-project">
            {t.deleteProject}
          </Button>
          <Actions name={name} datasets={datasets} onDeleteDataset={setDataset} />
        </SpaceBetween>
      }
    >
      <ErrorAlert error={all.error} retry={() => void all.refetch()} />
      <HowItWorks project={name} progress={progress(datasets, versions.data ?? [])} />
      <Details project={project} name={name} datasets={datasets} models={versions.data?.length} />
      <ModelsTable projectArn={arn} project={name} variant="container" />
      {dataset === null ? null : (
        <DeleteDatasetDialog
          dataset={dataset}
          onClose={() => setDataset(null)}
          onDeleted={() => {
            // It may have gone from the list already.
            const isLast = datasets.every(({ arn }) => arn === dataset.arn);
            setDataset(null);
            // With none left the next thing to do is to create one (S14).
            if (isLast) go(paths.createDataset(name));
          }}
        />
      )}
      {deleting ? (
        <DeleteProjectDialog
          arn={arn}
          name={name}
          onClose={() => setDeleting(false)}
          onDeleted={() => go(paths.projects)}
        />
      ) : null}
    </Page>
  );
}

/** The page of a project: How it works, details, models (S7). */
export function ProjectPage(): ReactNode {
  return (
    <KnownProject>
      {(project, name) => <Project key={project.ProjectArn ?? ""} project={project} name={name} />}
    </KnownProject>
  );
}
