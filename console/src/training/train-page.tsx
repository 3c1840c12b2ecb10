import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Form from "@cloudscape-design/components/form";
import HelpPanel from "@cloudscape-design/components/help-panel";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { call } from "../api/http.ts";
import type { DatasetKind, DatasetLabel, DatasetOrigins, DatasetRow } from "../api/lensmith.ts";
import * as queries from "../api/queries.ts";
import { useGo } from "../shell/address.ts";
import { ConfirmDialog } from "../shell/confirm-dialog.tsx";
import { ErrorAlert } from "../shell/error-details.tsx";
import { KnownProject } from "../shell/known-project.tsx";
import { notify } from "../shell/notices.ts";
import { Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { tagMap } from "../shell/tag-editor.tsx";
import { useWords } from "../words/language.ts";
import { type Contents, isVersionName, plan as planOf, versionName } from "./plan.ts";
import { PlanPanel, PlanProblems } from "./plan-panel.tsx";
import { AUTOMATIC, type Settings, SettingsPanel } from "./settings-panel.tsx";

/** The tag that the server reads a training's time budget from, in seconds. */
const BUDGET_TAG = "lensmith:time-budget";

/** Train a version of a project (S12). */
export function TrainPage(): ReactNode {
  return (
    <KnownProject>
      {(project, name) => <Train key={name} project={name} arn={project.ProjectArn ?? ""} />}
    </KnownProject>
  );
}

function contentsOf(
  rows: readonly DatasetRow[],
  arn: string,
  kind: DatasetKind,
  labels: readonly DatasetLabel[] | undefined,
  origins?: DatasetOrigins,
): Contents | null {
  const row = rows.find((each) => each.project_arn === arn && each.type === kind);
  return row === undefined ? null : { row, labels: labels ?? [], origins };
}

function Train(props: { readonly project: string; readonly arn: string }): ReactNode {
  const { training: t, projects, shell } = useWords();
  const { project, arn } = props;
  const go = useGo();
  const client = useQueryClient();
  const datasets = useQuery(queries.datasetsOf(project));
  const rows = datasets.data ?? [];
  const has = (kind: DatasetKind): boolean => contentsOf(rows, arn, kind, []) !== null;
  const trainLabels = useQuery({ ...queries.labels(project, "train"), enabled: has("train") });
  const testLabels = useQuery({ ...queries.labels(project, "test"), enabled: has("test") });
  const testing = has("test") ? "test" : "train"; // without a test dataset a part of the other tests
  const origins = useQuery({ ...queries.origins(project, testing), enabled: has(testing) });
  const setup = useQuery(queries.setup());
  const bucket = setup.data?.bucket ?? null;
  const [settings, setSettings] = useState<Settings>(() => ({
    name: versionName(project, new Date()),
    tags: [],
    budget: AUTOMATIC,
    kmsKey: "",
  }));
  const [isAsking, setAsking] = useState(false);

  const training = contentsOf(rows, arn, "train", trainLabels.data, origins.data);
  const test = contentsOf(rows, arn, "test", testLabels.data, origins.data);
  const isKnown =
    datasets.data !== undefined &&
    (training === null || trainLabels.data !== undefined) &&
    (test === null || testLabels.data !== undefined) &&
    !origins.isLoading;
  const plan = planOf(training, test);
  const reason = ((): string | null => {
    const [blocker] = plan.blockers;
    if (blocker !== undefined) return t.problem[blocker.code](blocker.count);
    if (bucket === null) return t.noBucket;
    return isVersionName(settings.name) ? null : t.nameWrong;
  })();

  const { mutate, isPending, error } = useMutation({
    mutationFn: () => {
      const tags: Record<string, string> = { ...tagMap(settings.tags) };
      if (settings.budget !== AUTOMATIC) tags[BUDGET_TAG] = settings.budget;
      return call("CreateProjectVersion", {
        ProjectArn: arn,
        VersionName: settings.name,
        OutputConfig: { S3Bucket: bucket ?? "", S3KeyPrefix: "evaluation/" },
        ...(Object.keys(tags).length === 0 ? {} : { Tags: tags }),
        ...(settings.kmsKey === "" ? {} : { KmsKeyId: settings.kmsKey }),
      });
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["versions"] });
      notify({ type: "success", content: t.started(settings.name) });
      go(paths.model(project, settings.name));
    },
  });

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
          <p>{t.helpLive}</p>
        </HelpPanel>
      }
    >
      <ErrorAlert
        error={datasets.error ?? trainLabels.error ?? testLabels.error ?? setup.error}
        retry={() => void datasets.refetch()}
      />
      {isKnown ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (reason === null) setAsking(true);
          }}
        >
          <Form
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button variant="link" formAction="none" href={paths.project(project)}>
                  {shell.cancel}
                </Button>
                <Button
                  variant="primary"
                  disabled={reason !== null}
                  {...(reason === null ? {} : { disabledReason: reason })}
                  data-testid="train"
                >
                  {t.submit}
                </Button>
              </SpaceBetween>
            }
          >
            <SpaceBetween size="l">
              <PlanPanel project={project} plan={plan} training={training} test={test} />
              <PlanProblems project={project} plan={plan} />
              <SettingsPanel arn={arn} settings={settings} onChange={setSettings} bucket={bucket} />
            </SpaceBetween>
          </Form>
        </form>
      ) : datasets.error === null ? (
        <Box textAlign="center" padding="xxl">
          <Spinner size="large" />
        </Box>
      ) : null}
      {isAsking ? (
        <ConfirmDialog
          title={t.confirmTitle}
          confirm={t.submit}
          busy={isPending}
          error={error}
          onConfirm={() => mutate()}
          onClose={() => setAsking(false)}
        >
          <SpaceBetween size="s">
            <Box>{t.confirmText}</Box>
            <Box>{t.confirmBudget(t.budgetOptions[settings.budget])}</Box>
          </SpaceBetween>
        </ConfirmDialog>
      ) : null}
    </Page>
  );
}
