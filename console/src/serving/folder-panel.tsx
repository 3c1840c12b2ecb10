import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import Toggle from "@cloudscape-design/components/toggle";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { cancelTask, type Task } from "../api/lensmith.ts";
import { type Analysis, type AnalysisResult, listAnalyses, startAnalysis } from "../api/versions.ts";
import { useChangeSearch, useSearch } from "../shell/address.ts";
import { BrowseDialog } from "../shell/browse-dialog.tsx";
import { ErrorAlert, notifyError } from "../shell/error-details.tsx";
import { Empty } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { nameOf, parentOf, parseS3Uri, s3Uri } from "../shell/s3-uri.ts";
import { useFormat, useWords } from "../words/language.ts";
import { isTrained, type Model, titleOf } from "./models.ts";

const LIVE_MS = 1_000;
const SETTLED_MS = 8_000;

const option = (model: Model) => ({ value: model.arn, label: titleOf(model) });
const analysesKey = ({ project, name }: Model) => ["analyses", project, name] as const;

/** A folder of the storage for a model, as a task of the server. */
export function FolderPanel({ models }: { readonly models: readonly Model[] }): ReactNode {
  const { serving } = useWords();
  const t = serving.folder;
  const search = useSearch();
  const changeSearch = useChangeSearch();
  const trained = models.filter(isTrained);
  const chosen =
    trained.find(({ project, name }) => project === search.get("project") && name === search.get("version")) ??
    trained.find(({ status }) => status === "RUNNING") ??
    trained[0];
  if (chosen === undefined) return <Empty title={t.noModel} detail={t.noModelDetail} />;
  return (
    <SpaceBetween size="l">
      <Container>
        <SpaceBetween size="m">
          <FormField label={t.model} description={chosen.status === "RUNNING" ? t.runs : t.willStart} stretch>
            <Select
              options={trained.map(option)}
              selectedOption={option(chosen)}
              filteringType={trained.length > 10 ? "auto" : "none"}
              onChange={({ detail }) => {
                const model = trained.find(({ arn }) => arn === detail.selectedOption.value);
                if (model !== undefined) changeSearch({ project: model.project, version: model.name }, { replace: true });
              }}
              data-testid="folder-model"
            />
          </FormField>
          <FolderForm key={chosen.arn} model={chosen} />
        </SpaceBetween>
      </Container>
      <Analyses key={`list ${chosen.arn}`} model={chosen} />
    </SpaceBetween>
  );
}

function FolderForm({ model }: { readonly model: Model }): ReactNode {
  const { serving } = useWords();
  const t = serving.folder;
  const client = useQueryClient();
  const [uri, setUri] = useState("");
  const [isBad, setBad] = useState(false);
  const [isAssumed, setAssumed] = useState(true);
  const [minimum, setMinimum] = useState("50");
  const [isBrowsing, setBrowsing] = useState(false);
  const percent = Number(minimum);
  const isPercent = minimum.trim() !== "" && percent >= 0 && percent <= 100;
  const start = useMutation({
    mutationFn: () =>
      startAnalysis(model.project, model.name, { source: uri.trim(), ...(isAssumed ? {} : { min_confidence: percent }) }),
    onSuccess: () => client.invalidateQueries({ queryKey: analysesKey(model) }),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const isPlace = parseS3Uri(uri) !== null;
        setBad(!isPlace);
        if (isPlace && (isAssumed || isPercent)) start.mutate();
      }}
    >
      <SpaceBetween size="m">
        <FormField
          label={t.uri}
          description={t.uriHint}
          errorText={isBad ? t.badUri : ""}
          stretch
          secondaryControl={
            <Button formAction="none" onClick={() => setBrowsing(true)}>
              {serving.try.browse}
            </Button>
          }
        >
          <Input value={uri} placeholder="s3://" onChange={({ detail }) => setUri(detail.value)} data-testid="folder-uri" />
        </FormField>
        <div className="view-controls">
          <Toggle checked={isAssumed} onChange={({ detail }) => setAssumed(detail.checked)}>
            {t.assumed}
          </Toggle>
          {isAssumed ? null : (
            <FormField label={serving.try.minimum}>
              <Input
                type="number"
                inputMode="decimal"
                value={minimum}
                invalid={!isPercent}
                onChange={({ detail }) => setMinimum(detail.value)}
              />
            </FormField>
          )}
        </div>
        <ErrorAlert error={start.error} />
        <Button variant="primary" loading={start.isPending} data-testid="analyze-folder">
          {t.start}
        </Button>
      </SpaceBetween>
      {isBrowsing ? (
        <BrowseDialog
          title={t.uri}
          choose="folder"
          onClose={() => setBrowsing(false)}
          onChoose={(place) => {
            setBrowsing(false);
            setUri(s3Uri(place));
          }}
        />
      ) : null}
    </form>
  );
}

function Analyses({ model }: { readonly model: Model }): ReactNode {
  const { serving } = useWords();
  const t = serving.folder;
  const { data, error } = useQuery({
    queryKey: analysesKey(model),
    queryFn: () => listAnalyses(model.project, model.name),
    refetchInterval: ({ state }) =>
      (state.data ?? []).some(({ task }) => task.state === "running") ? LIVE_MS : SETTLED_MS,
  });
  return (
    <SpaceBetween size="m">
      <ErrorAlert error={error} />
      {data?.length === 0 ? <Box color="text-body-secondary">{t.none}</Box> : null}
      {(data ?? []).map((analysis) => (
        <AnalysisPanel key={analysis.task.id} model={model} analysis={analysis} />
      ))}
    </SpaceBetween>
  );
}

const INDICATORS: Readonly<Record<Task["state"], StatusIndicatorProps.Type>> = {
  running: "in-progress",
  completed: "success",
  failed: "error",
  cancelled: "stopped",
};

function AnalysisPanel({ model, analysis }: { readonly model: Model; readonly analysis: Analysis }): ReactNode {
  const { serving } = useWords();
  const t = serving.folder;
  const format = useFormat();
  const client = useQueryClient();
  const { task } = analysis;
  const cancel = useMutation({
    mutationFn: () => cancelTask(task.id),
    onSettled: () => client.invalidateQueries({ queryKey: analysesKey(model) }),
    onError: (error) => notifyError(error, t.cancel),
  });
  const isRunning = task.state === "running";
  const total = task.total ?? 0;
  return (
    <Container
      data-testid="analysis"
      header={
        <Header
          variant="h3"
          description={format.date(analysis.created_at)}
          actions={
            isRunning ? (
              <Button loading={cancel.isPending} onClick={() => cancel.mutate()} data-testid="cancel-analysis">
                {t.cancel}
              </Button>
            ) : null
          }
        >
          {analysis.source}
        </Header>
      }
    >
      <SpaceBetween size="s">
        <StatusIndicator type={INDICATORS[task.state]}>
          {isRunning ? (t.phases[task.phase] ?? task.phase) : t.states[task.state]}
        </StatusIndicator>
        {isRunning ? (
          <ProgressBar
            value={total === 0 ? 0 : (100 * task.done) / total}
            ariaLabel={t.progress}
            description={total === 0 ? "" : t.done(format.number(task.done), format.number(total))}
          />
        ) : null}
        {task.error === null ? null : (
          <Alert type="error" header={t.errors[task.error.code] ?? t.failed}>
            {task.error.message}
          </Alert>
        )}
        {task.result === null || task.state === "cancelled" ? null : <Result result={task.result} />}
      </SpaceBetween>
    </Container>
  );
}

function Result({ result }: { readonly result: AnalysisResult }): ReactNode {
  const { serving } = useWords();
  const t = serving.folder;
  const format = useFormat();
  const { outputs } = result;
  return (
    <SpaceBetween size="s">
      <Box>
        {t.counts(format.number(result.images), format.number(result.detections))}{" "}
        {result.labels
          .slice(0, 10)
          .map(({ name, images }) => t.labelCount(name, format.number(images)))
          .join(", ")}
      </Box>
      {result.failed_total === 0 ? null : (
        <Alert type="warning" header={t.failedImages(format.number(result.failed_total))}>
          {result.failed
            .slice(0, 5)
            .map(({ source_ref, code }) => `${nameOf(source_ref)} (${code})`)
            .join(", ")}
        </Alert>
      )}
      {outputs === null ? null : (
        <SpaceBetween direction="horizontal" size="m">
          {Object.values(outputs).map((uri) => {
            const place = parseS3Uri(uri);
            if (place === null) return null;
            return (
              <Link key={uri} href={paths.storage(place.bucket, parentOf(place.key))}>
                {nameOf(uri)}
              </Link>
            );
          })}
        </SpaceBetween>
      )}
    </SpaceBetween>
  );
}
