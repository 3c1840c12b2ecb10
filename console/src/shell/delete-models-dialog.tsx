import "./delete-models-dialog.css";
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { call } from "../api/http.ts";
import { versionNameOf } from "../api/queries.ts";
import { useWords } from "../words/language.ts";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { notify } from "./notices.ts";

/** Delete versions of a project (S14). Closing it does not stop a deletion. Mount it to open it. */
export function DeleteModelsDialog(props: {
  readonly arns: readonly string[];
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}): ReactNode {
  const { models } = useWords();
  const t = models.deleting;
  const client = useQueryClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: async () => {
      for (const ProjectVersionArn of props.arns) await call("DeleteProjectVersion", { ProjectVersionArn });
    },
    onSuccess: () => {
      notify({ type: "success", content: t.started(props.arns.length) });
      props.onDeleted();
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["versions"] }),
  });
  return (
    <ConfirmDialog
      title={t.title(props.arns.length)}
      word="delete"
      confirm={t.confirm}
      busy={isPending}
      error={error}
      onConfirm={() => mutate()}
      onClose={props.onClose}
    >
      <SpaceBetween size="s">
        <Box>{t.text}</Box>
        <ul className="names">
          {props.arns.map((arn) => (
            <li key={arn}>{versionNameOf(arn)}</li>
          ))}
        </ul>
      </SpaceBetween>
    </ConfirmDialog>
  );
}
