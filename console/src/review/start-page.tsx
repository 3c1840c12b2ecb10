/** Choose model, pictures and sample of a review. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FileUpload from "@cloudscape-design/components/file-upload";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tiles from "@cloudscape-design/components/tiles";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { uploadPictures } from "../api/feedback-uploads.ts";
import type { DatasetKind } from "../api/lensmith.ts";
import * as queries from "../api/queries.ts";
import { readCapture, type ReviewOrder, startReview } from "../api/reviews.ts";
import { useChangeSearch, useGo, useSearch } from "../shell/address.ts";
import { BrowseDialog } from "../shell/browse-dialog.tsx";
import { ErrorAlert } from "../shell/error-details.tsx";
import { notify } from "../shell/notices.ts";
import { Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { s3Uri } from "../shell/s3-uri.ts";
import { useFormat, useWords } from "../words/language.ts";
import { type TrainedModel, useTrained } from "./queries.ts";
import "./review.css";

const KINDS = ["dataset", "prefix", "upload", "captured"] as const;
type Kind = (typeof KINDS)[number];
const SAMPLES = ["all", "uncertain", "random"] as const;

interface Choice {
  readonly kind: Kind;
  readonly type: DatasetKind;
  readonly uri: string;
  readonly files: readonly File[];
  readonly sample: (typeof SAMPLES)[number];
  readonly count: string;
  readonly isOwn: boolean;
  readonly confidence: string;
}

function chosenAtFirst(search: URLSearchParams): Choice {
  return {
    kind: KINDS.find((kind) => kind === search.get("source")) ?? "dataset",
    type: search.get("type") === "test" ? "test" : "train",
    uri: search.get("uri") ?? "",
    files: [],
    sample: "uncertain",
    count: "50",
    isOwn: false,
    confidence: "50",
  };
}

export function StartReviewPage(): ReactNode {
  const { review } = useWords();
  const t = review.starting;
  const search = useSearch();
  const changeSearch = useChangeSearch();
  const go = useGo();
  const client = useQueryClient();
  const models = useTrained();
  const [choice, setChoice] = useState(() => chosenAtFirst(search));
  const [isChecked, setChecked] = useState(false);
  const [sent, setSent] = useState<readonly [number, number] | null>(null);
  const change = (next: Partial<Choice>): void => setChoice((now) => ({ ...now, ...next }));
  const projects = [...new Set((models ?? []).map(({ project }) => project))];
  const project = projects.find((name) => name === search.get("project")) ?? projects[0];
  const mine = (models ?? []).filter((model) => model.project === project);
  const model = mine.find(({ name }) => name === search.get("version")) ?? mine[0];
  const start = useMutation({
    mutationFn: async (chosen: TrainedModel) => {
      const uri = choice.kind === "upload" ? await uploaded() : choice.uri;
      return startReview(orderOf(chosen, choice, uri));
    },
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: ["reviews"] });
      go(paths.review(id));
    },
    onSettled: () => setSent(null),
  });
  const uploaded = async (): Promise<string> => {
    const { uri, failed } = await uploadPictures(choice.files, (done, total) => setSent([done, total]));
    if (failed > 0) notify({ type: "warning", content: t.uploadFailed(failed) });
    return uri;
  };
  const isMissing =
    (choice.kind === "prefix" && !/^s3:\/\/[^/]+/.test(choice.uri)) || (choice.kind === "upload" && choice.files.length === 0);
  const submit = (): void => {
    setChecked(true);
    if (model !== undefined && !isMissing) start.mutate(model);
  };
  return (
    <Page title={t.title} crumbs={[{ text: review.title, href: paths.feedback }]} description={review.lead}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button variant="link" formAction="none" href={paths.feedback}>
                {review.cancel}
              </Button>
              <Button variant="primary" loading={start.isPending} disabled={model === undefined} data-testid="begin-review">
                {t.begin}
              </Button>
            </SpaceBetween>
          }
        >
          <SpaceBetween size="l">
            <ErrorAlert error={start.error} title={t.failed} />
            {models !== null && models.length === 0 ? <Alert type="info">{t.noModel}</Alert> : null}
            <Container>
              <div className="review-columns">
                <FormField label={t.project} stretch>
                  <Select
                    options={projects.map((value) => ({ value, label: value }))}
                    selectedOption={project === undefined ? null : { value: project, label: project }}
                    placeholder={t.chooseProject}
                    statusType={models === null ? "loading" : "finished"}
                    filteringType={projects.length > 10 ? "auto" : "none"}
                    onChange={({ detail }) =>
                      changeSearch({ project: detail.selectedOption.value ?? null, version: null }, { replace: true })
                    }
                    data-testid="review-project"
                  />
                </FormField>
                <FormField label={t.model} constraintText={t.modelHint} stretch>
                  <Select
                    options={mine.map(({ name }) => ({ value: name, label: name }))}
                    selectedOption={model === undefined ? null : { value: model.name, label: model.name }}
                    placeholder={t.chooseModel}
                    empty={t.noModel}
                    onChange={({ detail }) => changeSearch({ version: detail.selectedOption.value ?? null }, { replace: true })}
                    data-testid="review-model"
                  />
                </FormField>
              </div>
            </Container>
            <Container>
              <SpaceBetween size="m">
                <FormField label={t.source} stretch>
                  <Tiles
                    value={choice.kind}
                    columns={2}
                    items={KINDS.map((value) => ({ value, label: t.kinds[value].name, description: t.kinds[value].text }))}
                    onChange={({ detail }) => change({ kind: KINDS.find((kind) => kind === detail.value) ?? "dataset" })}
                  />
                </FormField>
                {model === undefined ? null : (
                  <SourceField
                    choice={choice}
                    model={model}
                    onChange={change}
                    error={isChecked && isMissing ? t.missing : ""}
                  />
                )}
                {sent === null ? null : (
                  <ProgressBar value={sent[1] === 0 ? 0 : (100 * sent[0]) / sent[1]} label={t.uploading(String(sent[0]), String(sent[1]))} />
                )}
              </SpaceBetween>
            </Container>
            <Container>
              <SampleFields choice={choice} onChange={change} />
            </Container>
          </SpaceBetween>
        </Form>
      </form>
    </Page>
  );
}

function orderOf(model: TrainedModel, choice: Choice, uri: string): ReviewOrder {
  const source: ReviewOrder["source"] =
    choice.kind === "dataset"
      ? { kind: "dataset", type: choice.type }
      : choice.kind === "captured"
        ? { kind: "captured" }
        : { kind: "prefix", uri };
  const count = Math.min(10_000, Math.max(1, Math.floor(Number(choice.count)) || 50));
  return {
    project: model.project,
    version: model.name,
    source,
    sample: choice.sample === "all" ? { order: "all" } : { order: choice.sample, count },
    min_confidence: choice.isOwn ? Math.min(100, Math.max(0, Number(choice.confidence) || 0)) : null,
  };
}

interface FieldProps {
  readonly choice: Choice;
  readonly onChange: (change: Partial<Choice>) => void;
}

function SourceField(props: FieldProps & { readonly model: TrainedModel; readonly error: string }): ReactNode {
  const { choice, model } = props;
  if (choice.kind === "dataset") return <DatasetField {...props} project={model.project} />;
  if (choice.kind === "captured") return <CapturedField model={model} />;
  return choice.kind === "upload" ? <UploadField {...props} /> : <PrefixField {...props} />;
}

function DatasetField({ choice, onChange, project }: FieldProps & { readonly project: string }): ReactNode {
  const { review } = useWords();
  const t = review.starting;
  const { data } = useQuery(queries.datasetsOf(project));
  const row = data?.find((each) => each.type === choice.type);
  const options = (["train", "test"] as const).map((value) => ({ value, label: t.datasets[value] }));
  return (
    <FormField
      label={t.dataset}
      constraintText={data === undefined ? "" : row === undefined ? t.noDataset : t.unlabeled(row.images - row.labeled)}
    >
      <Select
        options={options}
        selectedOption={options.find(({ value }) => value === choice.type) ?? null}
        onChange={({ detail }) => onChange({ type: detail.selectedOption.value === "test" ? "test" : "train" })}
      />
    </FormField>
  );
}

function CapturedField({ model }: { readonly model: TrainedModel }): ReactNode {
  const { review } = useWords();
  const t = review.starting;
  const { data } = useQuery({
    queryKey: ["capture", model.project, model.name],
    queryFn: () => readCapture(model.project, model.name),
  });
  if (data === undefined) return null;
  return data.images > 0 || data.enabled ? <Box>{t.captured(data.images)}</Box> : <Alert type="info">{t.captureOff}</Alert>;
}

function UploadField({ choice, onChange, error }: FieldProps & { readonly error: string }): ReactNode {
  const { review } = useWords();
  const t = review.starting;
  return (
    <FormField label={t.files} errorText={error}>
      <FileUpload
        multiple
        value={[...choice.files]}
        accept=".png,.jpg,.jpeg"
        showFileSize
        tokenLimit={3}
        onChange={({ detail }) => onChange({ files: detail.value })}
        i18nStrings={{
          uploadButtonText: () => t.chooseFiles,
          dropzoneText: () => t.dropFiles,
          removeFileAriaLabel: () => t.removeFile,
          limitShowFewer: t.filesFewer,
          limitShowMore: t.filesMore,
          errorIconAriaLabel: "",
        }}
      />
    </FormField>
  );
}

function PrefixField({ choice, onChange, error }: FieldProps & { readonly error: string }): ReactNode {
  const { review, shell } = useWords();
  const t = review.starting;
  const [isOpen, setOpen] = useState(false);
  return (
    <FormField label={t.uri} errorText={error} stretch>
      <div className="review-uri">
        <Input
          value={choice.uri}
          placeholder="s3://bucket/folder/"
          onChange={({ detail }) => onChange({ uri: detail.value })}
          data-testid="review-uri"
        />
        <Button formAction="none" onClick={() => setOpen(true)}>
          {shell.browsing.browse}
        </Button>
      </div>
      {isOpen ? (
        <BrowseDialog
          title={t.uri}
          choose="folder"
          onClose={() => setOpen(false)}
          onChoose={(place) => {
            setOpen(false);
            onChange({ uri: s3Uri(place) });
          }}
        />
      ) : null}
    </FormField>
  );
}

function SampleFields({ choice, onChange }: FieldProps): ReactNode {
  const { review } = useWords();
  const t = review.starting;
  const format = useFormat();
  return (
    <div className="review-columns">
      <SpaceBetween size="m">
        <FormField label={t.sample}>
          <RadioGroup
            value={choice.sample}
            items={SAMPLES.map((value) => ({ value, label: t.samples[value].name, description: t.samples[value].text }))}
            onChange={({ detail }) => onChange({ sample: SAMPLES.find((one) => one === detail.value) ?? "all" })}
          />
        </FormField>
        {choice.sample === "all" ? null : (
          <FormField label={t.count} constraintText={`1 … ${format.number(10_000)}`}>
            <Input
              type="number"
              value={choice.count}
              onChange={({ detail }) => onChange({ count: detail.value })}
              data-testid="review-count"
            />
          </FormField>
        )}
      </SpaceBetween>
      <FormField label={t.minConfidence}>
        <SpaceBetween size="s">
          <RadioGroup
            value={choice.isOwn ? "own" : "assumed"}
            items={[
              { value: "assumed", label: t.assumed },
              { value: "own", label: t.own },
            ]}
            onChange={({ detail }) => onChange({ isOwn: detail.value === "own" })}
          />
          {choice.isOwn ? (
            <div className="review-number">
              <Input
                type="number"
                ariaLabel={t.own}
                value={choice.confidence}
                onChange={({ detail }) => onChange({ confidence: detail.value })}
              />
              <span>%</span>
            </div>
          ) : null}
        </SpaceBetween>
      </FormField>
    </div>
  );
}
