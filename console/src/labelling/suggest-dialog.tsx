import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import Slider from "@cloudscape-design/components/slider";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import * as queries from "../api/queries.ts";
import { isAnswered } from "../pictures/labels.ts";
import { FormDialog } from "../shell/form-dialog.tsx";
import { useFormat, useWords } from "../words/language.ts";
import { useLabelling } from "./labelling.ts";
import type { Suggesting } from "./use-suggestions.ts";

const USABLE = new Set(["TRAINING_COMPLETED", "COPYING_COMPLETED", "STARTING", "RUNNING", "STOPPING", "STOPPED"]);
const DATASET_LIMIT = 1000;

/** Choose the model and the pictures it looks at. Nothing it finds is written unreviewed. */
export function SuggestDialog(props: {
  readonly page: readonly string[];
  readonly suggesting: Suggesting;
  readonly onClose: () => void;
}): ReactNode {
  const { labelling: t, shell } = useWords();
  const format = useFormat();
  const { project, drafts } = useLabelling();
  const { data: described } = useQuery(queries.project(project));
  const arn = described?.ProjectArn;
  const { data: versions, isPending } = useQuery({ ...queries.versions(arn ?? ""), enabled: arn !== undefined });
  const usable = (versions ?? []).filter(({ Status }) => USABLE.has(Status ?? ""));
  const options = usable.map((version) => {
    const name = queries.versionNameOf(version.ProjectVersionArn ?? "");
    const f1 = version.EvaluationResult?.F1Score;
    return { value: name, label: name, ...(f1 === undefined ? {} : { description: t.f1(format.decimals(f1, 3)) }) };
  });
  const [chosen, setChosen] = useState<string | null>(null);
  const [scope, setScope] = useState("page");
  const [isOwn, setOwn] = useState(false);
  const [confidence, setConfidence] = useState(50);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const open = props.page.filter((key) => {
    const draft = drafts.byKey.get(key);
    return draft !== undefined && !isAnswered(draft.labels);
  });
  const version = options.find(({ value }) => value === chosen) ?? options[0];
  const start = (): void => {
    setBusy(true);
    setError(null);
    props.suggesting
      .start({
        version: version?.value ?? null,
        keys: scope === "page" ? open : null,
        limit: scope === "page" ? open.length : DATASET_LIMIT,
        minConfidence: isOwn ? confidence : null,
      })
      .then(props.onClose, setError)
      .finally(() => setBusy(false));
  };
  const isEmpty = scope === "page" && open.length === 0;
  return (
    <FormDialog
      title={t.suggestTitle}
      confirm={t.suggestStart}
      busy={isBusy}
      disabled={version === undefined || isEmpty}
      error={error}
      onClose={props.onClose}
      onConfirm={start}
      testId="suggest-start"
    >
      <SpaceBetween size="l">
        <Box color="text-body-secondary">{t.suggestLead}</Box>
        {!isPending && options.length === 0 ? <Alert type="info">{t.noModel}</Alert> : null}
        <FormField label={t.model}>
          <Select
            selectedOption={version ?? null}
            options={options}
            statusType={isPending && arn !== undefined ? "loading" : "finished"}
            loadingText={shell.loading}
            empty={t.noModel}
            onChange={({ detail }) => setChosen(detail.selectedOption.value ?? null)}
          />
        </FormField>
        <FormField label={t.suggestFor}>
          <RadioGroup
            value={scope}
            onChange={({ detail }) => setScope(detail.value)}
            items={[
              { value: "page", label: t.suggestPage(open.length) },
              { value: "dataset", label: t.suggestDataset, description: t.suggestLimit(format.number(DATASET_LIMIT)) },
            ]}
          />
        </FormField>
        <FormField label={t.minConfidence}>
          <SpaceBetween size="s">
            <Checkbox checked={!isOwn} onChange={({ detail }) => setOwn(!detail.checked)}>
              {t.assumed}
            </Checkbox>
            {isOwn ? (
              <Slider value={confidence} min={0} max={100} valueFormatter={(value) => `${value} %`} ariaLabel={t.minConfidence} onChange={({ detail }) => setConfidence(detail.value)} />
            ) : null}
          </SpaceBetween>
        </FormField>
      </SpaceBetween>
    </FormDialog>
  );
}
