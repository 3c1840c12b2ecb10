import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import Select, { type SelectProps } from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { call } from "../api/http.ts";
import type { DatasetRow } from "../api/lensmith.ts";
import * as queries from "../api/queries.ts";
import { ConfirmDialog } from "../shell/confirm-dialog.tsx";
import { notify } from "../shell/notices.ts";
import { useWords } from "../words/language.ts";

/** Copy a dataset to a project as its test dataset (S17). */
export function UseAsTestDialog(props: {
  readonly dataset: DatasetRow;
  readonly onClose: () => void;
}): ReactNode {
  const { datasets } = useWords();
  const t = datasets.testing;
  const client = useQueryClient();
  const [chosen, setChosen] = useState<SelectProps.Option | null>(null);
  const projects = useQuery(queries.projects());
  const all = useQuery(queries.datasets());
  const tested = new Set(
    (all.data ?? []).filter(({ type }) => type === "test").map(({ project_arn }) => project_arn),
  );
  const options = (projects.data ?? [])
    .map(({ ProjectArn = "" }) => ({ value: ProjectArn, label: queries.projectNameOf(ProjectArn) }))
    .filter(({ value }) => !tested.has(value));
  const { mutate, isPending, error } = useMutation({
    mutationFn: (ProjectArn: string) => {
      const DatasetSource = { DatasetArn: props.dataset.arn };
      return call("CreateDataset", { ProjectArn, DatasetType: "TEST", DatasetSource });
    },
    onSuccess: (_, arn) => {
      notify({ type: "success", content: t.started(queries.projectNameOf(arn)) });
      void client.invalidateQueries();
      props.onClose();
    },
  });
  return (
    <ConfirmDialog
      title={t.title}
      confirm={t.confirm}
      disabled={chosen === null}
      busy={isPending}
      error={error ?? projects.error ?? all.error}
      onConfirm={() => {
        if (chosen?.value !== undefined) mutate(chosen.value);
      }}
      onClose={props.onClose}
    >
      <SpaceBetween size="m">
        <Box>{t.text(datasets.nameOf(props.dataset.project, datasets.types[props.dataset.type]))}</Box>
        <FormField label={t.project}>
          <Select
            options={options}
            selectedOption={chosen}
            placeholder={t.choose}
            empty={t.none}
            filteringType="auto"
            expandToViewport
            statusType={projects.isPending || all.isPending ? "loading" : "finished"}
            onChange={({ detail }) => setChosen(detail.selectedOption)}
          />
        </FormField>
      </SpaceBetween>
    </ConfirmDialog>
  );
}
