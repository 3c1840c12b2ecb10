import Box from "@cloudscape-design/components/box";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { call } from "../api/http.ts";
import type { DatasetRow } from "../api/lensmith.ts";
import { useGo } from "../shell/address.ts";
import { notifyError } from "../shell/error-details.tsx";
import { FormDialog } from "../shell/form-dialog.tsx";
import { notify } from "../shell/notices.ts";
import { paths } from "../shell/paths.ts";
import { nameProblem } from "../shell/project-name.ts";
import { isAboutName, ProjectNameField } from "../shell/project-name-field.tsx";
import { useWords } from "../words/language.ts";

/** Begin a project whose training dataset is a copy of another dataset (S17). */
export function StartProjectDialog(props: {
  readonly dataset: DatasetRow;
  readonly onClose: () => void;
}): ReactNode {
  const { datasets } = useWords();
  const t = datasets.starting;
  const go = useGo();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [submitted, setSubmitted] = useState(false);
  const { mutate, isPending, error, variables } = useMutation({
    mutationFn: async (ProjectName: string) => {
      const { ProjectArn = "" } = await call("CreateProject", { ProjectName });
      try {
        const DatasetSource = { DatasetArn: props.dataset.arn };
        await call("CreateDataset", { ProjectArn, DatasetType: "TRAIN", DatasetSource });
        return null;
      } catch (failure) {
        return { failure };
      }
    },
    onSuccess: async (half, created) => {
      if (half === null) notify({ type: "success", content: t.started(created) });
      else notifyError(half.failure, t.half(created));
      await client.invalidateQueries();
      go(paths.project(created));
    },
  });
  return (
    <FormDialog
      title={t.title}
      confirm={t.create}
      busy={isPending}
      error={isAboutName(error) ? null : error}
      onClose={props.onClose}
      onConfirm={() => {
        setSubmitted(true);
        if (nameProblem(name) === null) mutate(name);
      }}
    >
      <Box>{t.text(datasets.nameOf(props.dataset.project, datasets.types[props.dataset.type]))}</Box>
      <ProjectNameField
        value={name}
        onChange={(value) => {
          setSubmitted(false);
          setName(value);
        }}
        error={error}
        errorName={variables}
        isChecked={submitted}
      />
    </FormDialog>
  );
}
