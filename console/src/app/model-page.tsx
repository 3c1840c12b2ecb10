import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import HelpPanel from "@cloudscape-design/components/help-panel";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import Tabs from "@cloudscape-design/components/tabs";
import { useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useState } from "react";
import * as queries from "../api/queries.ts";
import type { ProjectVersionDescription } from "../api/rekognition.ts";
import { useChangeSearch, useGo, useParam, useSearch } from "../shell/address.ts";
import { ModelWarnings } from "../shell/advice.tsx";
import { DeleteModelsDialog } from "../shell/delete-models-dialog.tsx";
import { ErrorAlert } from "../shell/error-details.tsx";
import { KnownProject } from "../shell/known-project.tsx";
import { Empty, Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { Status } from "../shell/status.tsx";
import { useWords } from "../words/language.ts";

const EvaluateTab = lazy(async () => ({ default: (await import("../evaluation/evaluate-tab.tsx")).EvaluateTab }));
const DetailsTab = lazy(async () => ({ default: (await import("../training/details-tab.tsx")).DetailsTab }));
const TrainingProgressPanel = lazy(async () => ({
  default: (await import("../training/progress-panel.tsx")).TrainingProgressPanel,
}));
const FailurePanel = lazy(async () => ({ default: (await import("../training/failure-panel.tsx")).FailurePanel }));
const UseTab = lazy(async () => ({ default: (await import("../serving/use-tab.tsx")).UseTab }));
const TagsTab = lazy(async () => ({ default: (await import("../serving/tags-tab.tsx")).TagsTab }));

const TABS = ["evaluate", "details", "use", "tags"] as const;
const UNDELETABLE = new Set(["TRAINING_IN_PROGRESS", "STARTING", "RUNNING", "STOPPING", "DELETING"]);
const WITHOUT_MODEL = new Set(["TRAINING_IN_PROGRESS", "TRAINING_FAILED"]);

/** A version of a project (S15); each of its tabs belongs to another feature. */
export function ModelPage(): ReactNode {
  const name = useParam("version");
  return (
    <KnownProject>
      {(project, projectName) => (
        <KnownModel key={name} project={projectName} arn={project.ProjectArn ?? ""} name={name} />
      )}
    </KnownProject>
  );
}

interface ModelProps {
  readonly project: string;
  readonly name: string;
}

function KnownModel(props: ModelProps & { readonly arn: string }): ReactNode {
  const { models: t, projects } = useWords();
  const { project, name } = props;
  const version = useQuery(queries.version(props.arn, name));
  if (version.data) return <Model project={project} name={name} version={version.data} />;
  return (
    <Page
      title={name}
      crumbs={[
        { text: projects.title, href: paths.projects },
        { text: project, href: paths.project(project) },
        { text: t.title, href: paths.models(project) },
      ]}
    >
      <ErrorAlert error={version.error} retry={() => void version.refetch()} />
      {version.data === null ? (
        <Empty title={t.missing} action={<Button href={paths.models(project)}>{t.title}</Button>} />
      ) : null}
      {version.isPending && version.error === null ? <Waiting /> : null}
    </Page>
  );
}

const Waiting = (): ReactNode => (
  <Box textAlign="center" padding="xxl">
    <Spinner size="large" />
  </Box>
);

function Model(props: ModelProps & { readonly version: ProjectVersionDescription }): ReactNode {
  const { models: t, evaluation, projects } = useWords();
  const { project, name, version } = props;
  const go = useGo();
  const search = useSearch();
  const changeSearch = useChangeSearch();
  const [isDeleting, setDeleting] = useState(false);
  const status = version.Status ?? "";
  const hasModel = !WITHOUT_MODEL.has(status);
  const tab = TABS.find((each) => each === search.get("tab")) ?? "evaluate";
  const contents: Record<(typeof TABS)[number], () => ReactNode> = {
    evaluate: () => (hasModel ? <EvaluateTab project={project} name={name} version={version} /> : <NotTrained />),
    details: () => <DetailsTab project={project} name={name} version={version} />,
    use: () => (hasModel ? <UseTab project={project} name={name} version={version} /> : <NotTrained />),
    tags: () => <TagsTab project={project} name={name} version={version} />,
  };
  return (
    <Page
      title={name}
      crumbs={[
        { text: projects.title, href: paths.projects },
        { text: project, href: paths.project(project) },
        { text: t.title, href: paths.models(project) },
      ]}
      description={<Status status={status} />}
      help={
        <HelpPanel header={<h2>{t.tabs.evaluate}</h2>}>
          <p>{evaluation.help}</p>
        </HelpPanel>
      }
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button
            disabled={UNDELETABLE.has(status)}
            disabledReason={t.deleteBusy}
            onClick={() => setDeleting(true)}
            data-testid="delete-model"
          >
            {t.delete}
          </Button>
          {hasModel ? (
            <Button variant="primary" href={paths.performance(project, name)} data-testid="view-results">
              {evaluation.viewResults}
            </Button>
          ) : null}
        </SpaceBetween>
      }
    >
      <Suspense fallback={<Waiting />}>
        <SpaceBetween size="l">
          {status === "TRAINING_IN_PROGRESS" ? <TrainingProgressPanel project={project} version={name} /> : null}
          {hasModel ? <ModelWarnings project={project} name={name} /> : null}
          {status === "TRAINING_FAILED" ? <FailurePanel project={project} version={version} /> : null}
          <Tabs
            activeTabId={tab}
            onChange={({ detail }) =>
              changeSearch({ tab: detail.activeTabId === "evaluate" ? null : detail.activeTabId })
            }
            tabs={TABS.map((id) => ({
              id,
              label: t.tabs[id],
              content: id === tab ? <Suspense fallback={<Waiting />}>{contents[id]()}</Suspense> : null,
            }))}
          />
        </SpaceBetween>
      </Suspense>
      {isDeleting ? (
        <DeleteModelsDialog
          arns={[version.ProjectVersionArn ?? ""]}
          onClose={() => setDeleting(false)}
          onDeleted={() => go(paths.models(project))}
        />
      ) : null}
    </Page>
  );
}

function NotTrained(): ReactNode {
  const { models: t } = useWords();
  return <Empty title={t.notTrained} />;
}
