/** Which models keep pictures of their calls, how many and how long. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { type Capture, type CaptureOrder, changeCapture, emptyCapture, readCapture } from "../api/reviews.ts";
import { ConfirmDialog } from "../shell/confirm-dialog.tsx";
import { ErrorAlert } from "../shell/error-details.tsx";
import { notify } from "../shell/notices.ts";
import { paths } from "../shell/paths.ts";
import { useFormat, useWords } from "../words/language.ts";
import { type TrainedModel, useTrained } from "./queries.ts";
import "./review.css";

const WATCH_MS = 5_000;
const GIGABYTE = 1_000_000_000;

export function CapturePanel(): ReactNode {
  const { review } = useWords();
  const t = review.capture;
  const models = useTrained();
  const [arn, setArn] = useState<string | null>(null);
  const first = models?.find(({ status }) => status === "RUNNING") ?? models?.[0];
  const model = models?.find((each) => each.arn === arn) ?? first;
  const optionOf = (each: TrainedModel) => ({ value: each.arn, label: review.by(each.project, each.name) });
  return (
    <Container header={<Header variant="h2" description={t.lead}>{t.title}</Header>}>
      {models !== null && models.length === 0 ? (
        <Box color="text-body-secondary">{t.none}</Box>
      ) : (
        <SpaceBetween size="l">
          <FormField label={t.model}>
            <Select
              options={(models ?? []).map(optionOf)}
              selectedOption={model === undefined ? null : optionOf(model)}
              statusType={models === null ? "loading" : "finished"}
              filteringType={(models?.length ?? 0) > 10 ? "auto" : "none"}
              onChange={({ detail }) => setArn(detail.selectedOption.value ?? null)}
              data-testid="capture-model"
            />
          </FormField>
          {model === undefined ? null : <OfModel key={model.arn} model={model} />}
        </SpaceBetween>
      )}
    </Container>
  );
}

function OfModel({ model }: { readonly model: TrainedModel }): ReactNode {
  const key = ["capture", model.project, model.name];
  const { data, error } = useQuery({
    queryKey: key,
    queryFn: () => readCapture(model.project, model.name),
    refetchInterval: WATCH_MS,
  });
  if (data === undefined) return <ErrorAlert error={error} />;
  return <Settings model={model} capture={data} queryKey={key} />;
}

function Settings(props: {
  readonly model: TrainedModel;
  readonly capture: Capture;
  readonly queryKey: readonly string[];
}): ReactNode {
  const { review } = useWords();
  const t = review.capture;
  const format = useFormat();
  const client = useQueryClient();
  const { model, capture } = props;
  const [edited, setEdited] = useState<Partial<Record<"below" | "images" | "gigabytes" | "days", string>>>({});
  const [isEmptying, setEmptying] = useState(false);
  const shown = {
    below: edited.below ?? String(capture.below_confidence),
    images: edited.images ?? String(capture.max_images),
    gigabytes: edited.gigabytes ?? String(Math.round(capture.max_bytes / GIGABYTE)),
    days: edited.days ?? String(capture.keep_days),
  };
  const order = (enabled: boolean): CaptureOrder => ({
    enabled,
    below_confidence: within(shown.below, 1, 100),
    max_images: Math.round(within(shown.images, 1, 10_000)),
    max_bytes: edited.gigabytes === undefined ? capture.max_bytes : Math.round(within(shown.gigabytes, 1, 100) * GIGABYTE),
    keep_days: Math.round(within(shown.days, 1, 3650)),
  });
  const save = useMutation({
    mutationFn: (enabled: boolean) => changeCapture(model.project, model.name, order(enabled)),
    onSuccess: (saved) => {
      client.setQueryData(props.queryKey, saved);
      setEdited({});
      notify({ type: "success", id: "capture", content: t.saved });
    },
  });
  const empty = useMutation({
    mutationFn: () => emptyCapture(model.project, model.name),
    onSuccess: (saved) => {
      client.setQueryData(props.queryKey, saved);
      setEmptying(false);
    },
  });
  const isFull = capture.enabled && (capture.images >= capture.max_images || capture.bytes >= capture.max_bytes);
  const number = (name: keyof typeof shown, label: string): ReactNode => (
    <Input
      type="number"
      ariaLabel={label}
      value={shown[name]}
      onChange={({ detail }) => setEdited({ ...edited, [name]: detail.value })}
      data-testid={`capture-${name}`}
    />
  );
  return (
    <SpaceBetween size="l">
      <ErrorAlert error={save.error} />
      <Toggle
        checked={capture.enabled}
        description={t.onHint}
        disabled={save.isPending}
        onChange={({ detail }) => save.mutate(detail.checked)}
        data-testid="capture-on"
      >
        {t.on}
      </Toggle>
      <div className="review-columns">
        <FormField label={t.below}>
          <div className="review-number">
            {number("below", t.below)}
            <span>%</span>
          </div>
        </FormField>
        <FormField label={t.maxImages}>
          <div className="review-number">
            {number("images", t.maxImages)}
            <span>{t.maxImagesUnit}</span>
          </div>
        </FormField>
        <FormField label={t.maxBytes}>
          <div className="review-number">
            {number("gigabytes", t.maxBytes)}
            <span>GB</span>
          </div>
        </FormField>
        <FormField label={t.keepDays}>
          <div className="review-number">
            {number("days", t.keepDays)}
            <span>{t.days}</span>
          </div>
        </FormField>
      </div>
      {Object.keys(edited).length === 0 ? null : (
        <Button loading={save.isPending} onClick={() => save.mutate(capture.enabled)} data-testid="capture-save">
          {t.save}
        </Button>
      )}
      <KeyValuePairs
        columns={2}
        items={[
          {
            label: t.kept,
            value: (
              <span data-testid="capture-kept">
                {t.keptText(capture.images, format.bytes(capture.bytes))}
                {isFull ? ` · ${t.full}` : ""}
              </span>
            ),
          },
          { label: t.where, value: <span className="code">{capture.uri}</span> },
        ]}
      />
      <SpaceBetween direction="horizontal" size="xs">
        <Button
          disabled={capture.images === 0}
          href={paths.startReview({ project: model.project, version: model.name, source: "captured" })}
        >
          {t.review}
        </Button>
        <Button disabled={capture.images === 0} onClick={() => setEmptying(true)}>
          {t.empty}
        </Button>
      </SpaceBetween>
      {isEmptying ? (
        <ConfirmDialog
          title={t.emptyTitle}
          word="delete"
          confirm={t.empty}
          busy={empty.isPending}
          error={empty.error}
          onClose={() => setEmptying(false)}
          onConfirm={() => empty.mutate()}
        >
          {t.emptyDetail(capture.images)}
        </ConfirmDialog>
      ) : null}
    </SpaceBetween>
  );
}

const within = (text: string, low: number, high: number): number => Math.min(high, Math.max(low, Number(text) || low));
