import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { call } from "../api/http.ts";
import type { DatasetRow } from "../api/lensmith.ts";
import { useWords } from "../words/language.ts";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { notify } from "./notices.ts";

/** Delete the training or test dataset of a project (S14). Mount it to open it. */
export function DeleteDatasetDialog(props: {
  readonly dataset: Pick<DatasetRow, "arn" | "project" | "type">;
  readonly onClose: () => void;
  /** Called once the server has accepted; the dataset may take a moment to go. */
  readonly onDeleted: () => void;
}): ReactNode {
  const { datasets } = useWords();
  const t = datasets.deleting;
  const { arn, project, type } = props.dataset;
  const client = useQueryClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => call("DeleteDataset", { DatasetArn: arn }),
    onSuccess: async () => {
      notify({ type: "success", content: t.started[type] });
      await Promise.all(
        [["datasets"], ["projects"], ["dataset", project]].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      );
      props.onDeleted();
    },
  });
  return (
    <ConfirmDialog
      title={t.title[type]}
      word="delete"
      confirm={t.confirm}
      busy={isPending}
      error={error}
      onConfirm={() => mutate()}
      onClose={props.onClose}
    >
      <SpaceBetween size="s">
        <Box variant="strong">{datasets.nameOf(project, datasets.types[type])}</Box>
        <Box>{t.text}</Box>
        <Box>{t.without[type]}</Box>
      </SpaceBetween>
    </ConfirmDialog>
  );
}
