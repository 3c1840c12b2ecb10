import "./delete-project-dialog.css";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Spinner from "@cloudscape-design/components/spinner";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { hasCode } from "../api/errors.ts";
import { call } from "../api/http.ts";
import * as queries from "../api/queries.ts";
import { ConfirmDialog } from "../shell/confirm-dialog.tsx";
import { ErrorAlert } from "../shell/error-details.tsx";
import { notify } from "../shell/notices.ts";
import { Status } from "../shell/status.tsx";
import { useWords } from "../words/language.ts";
import { type Deletion, deletion } from "./deletion.ts";

const POLL_MS = 1_500;

/** One that is gone already is what was wanted. */
async function unlessGone(request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!hasCode(error, "ResourceNotFoundException")) throw error;
  }
}

function Belongings({ found }: { readonly found: Deletion }): ReactNode {
  const { projects, datasets } = useWords();
  const t = projects.deleting;
  const client = useQueryClient();
  const stop = useMutation({
    mutationFn: (ProjectVersionArn: string) => call("StopProjectVersion", { ProjectVersionArn }),
    onSettled: () => client.invalidateQueries({ queryKey: ["versions"] }),
  });
  return (
    <SpaceBetween size="m">
      {found.models.length === 0 ? null : (
        <div>
          <Box variant="awsui-key-label">{t.models}</Box>
          <ul className="belongings">
            {found.models.map(({ ProjectVersionArn = "", Status: status }) => (
              <li key={ProjectVersionArn}>
                <span className="belongings-name">{queries.versionNameOf(ProjectVersionArn)}</span>
                <Status status={status} />
                {status === "RUNNING" ? (
                  <Button
                    variant="inline-link"
                    loading={stop.isPending && stop.variables === ProjectVersionArn}
                    onClick={() => stop.mutate(ProjectVersionArn)}
                  >
                    {t.stop}
                  </Button>
                ) : null}
              </li>
            ))}
          </ul>
        </div>
      )}
      {found.datasets.length === 0 ? null : (
        <div>
          <Box variant="awsui-key-label">{t.datasets}</Box>
          <ul className="belongings">
            {found.datasets.map((dataset) => (
              <li key={dataset.arn}>
                <span className="belongings-name">{datasets.types[dataset.type]}</span>
                <Status status={dataset.status} />
              </li>
            ))}
          </ul>
          <Box variant="small">{t.kept}</Box>
        </div>
      )}
      <ErrorAlert error={stop.error} />
    </SpaceBetween>
  );
}

/** Delete a project in two stages (S14). Closing it in between stops nothing; opening it goes on. */
export function DeleteProjectDialog(props: {
  readonly arn: string;
  readonly name: string;
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}): ReactNode {
  const { projects } = useWords();
  const t = projects.deleting;
  const client = useQueryClient();
  const versions = useQuery({ ...queries.versions(props.arn), refetchInterval: POLL_MS });
  const datasets = useQuery({ ...queries.datasetsOf(props.name), refetchInterval: POLL_MS });
  const emptying = useMutation({
    mutationFn: async (found: Deletion) => {
      for (const ProjectVersionArn of found.pendingModels) {
        await unlessGone(call("DeleteProjectVersion", { ProjectVersionArn }));
      }
      for (const DatasetArn of found.pendingDatasets) {
        await unlessGone(call("DeleteDataset", { DatasetArn }));
      }
    },
    onSettled: () => client.invalidateQueries(),
  });
  const deleting = useMutation({
    mutationFn: () => unlessGone(call("DeleteProject", { ProjectArn: props.arn })),
    onSuccess: async () => {
      notify({ type: "success", content: t.started(props.name) });
      await client.invalidateQueries({ queryKey: ["projects"] });
      props.onDeleted();
    },
  });
  const error = versions.error ?? datasets.error;
  if (versions.data === undefined || datasets.data === undefined) {
    return (
      <ConfirmDialog
        title={t.title(props.name)}
        confirm={t.confirm}
        disabled
        error={error}
        onConfirm={() => undefined}
        onClose={props.onClose}
      >
        {error === null ? <Spinner /> : null}
      </ConfirmDialog>
    );
  }
  const found = deletion(
    versions.data,
    datasets.data.filter((dataset) => dataset.project_arn === props.arn),
  );
  if (found.isLast) {
    return (
      <ConfirmDialog
        key="last"
        title={t.title(props.name)}
        word="delete"
        confirm={t.confirm}
        busy={deleting.isPending}
        error={deleting.error}
        onConfirm={() => deleting.mutate()}
        onClose={props.onClose}
      >
        {t.last}
      </ConfirmDialog>
    );
  }
  const label =
    found.datasets.length === 0 ? t.deleteModels : found.models.length === 0 ? t.deleteDatasets : t.deleteBoth;
  return (
    <ConfirmDialog
      key="first"
      title={t.title(props.name)}
      {...(found.isUnderWay ? {} : { word: "delete" })}
      confirm={label}
      busy={emptying.isPending || found.isUnderWay}
      disabled={found.blocking.length > 0}
      error={emptying.error}
      onConfirm={() => emptying.mutate(found)}
      onClose={props.onClose}
    >
      <SpaceBetween size="m">
        <Box>{t.first}</Box>
        {found.blocking.length === 0 ? null : <Alert type="warning">{t.blocked}</Alert>}
        {found.isUnderWay ? (
          <Box color="text-status-info">
            <Spinner /> {t.working}
          </Box>
        ) : null}
        <Belongings found={found} />
      </SpaceBetween>
    </ConfirmDialog>
  );
}
