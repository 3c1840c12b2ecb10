import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import * as queries from "../api/queries.ts";
import { cancelTraining, type MachineShare, type Training } from "../api/versions.ts";
import { ConfirmDialog } from "../shell/confirm-dialog.tsx";
import { ErrorAlert } from "../shell/error-details.tsx";
import { notify } from "../shell/notices.ts";
import { saveFile } from "../shell/save-file.ts";
import { phaseText, TrainingBar } from "../shell/training-bar.tsx";
import { useFormat, useWords } from "../words/language.ts";
import { TrainingCharts } from "./training-charts.tsx";

/** Everything that the server tells of a training, as a file. */
export function saveLog(version: string, training: Training): void {
  const text = JSON.stringify(training, null, 2);
  saveFile(`${version}-training.json`, new Blob([text], { type: "application/json" }));
}

/** A training while it runs: phase, percent, time left, curves, cancelling (S15). */
export function TrainingProgressPanel(props: {
  readonly project: string;
  readonly version: string;
}): ReactNode {
  const { training: t } = useWords();
  const format = useFormat();
  const { project, version } = props;
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(queries.training(project, version));
  const [isAsking, setAsking] = useState(false);
  const cancel = useMutation({
    mutationFn: () => cancelTraining(project, version),
    onSuccess: () => {
      notify({ type: "success", content: t.cancelled });
      setAsking(false);
    },
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["versions"] }),
        client.invalidateQueries({ queryKey: ["training", project, version] }),
      ]),
  });
  if (data === undefined) return <ErrorAlert error={error} retry={() => void refetch()} />;
  const { progress } = data;
  const eta = progress?.eta_seconds ?? null;
  const budget = progress?.budget_seconds ?? null;
  const machine = progress?.machine ?? null;
  const machineShare = ({ cores, trainings, load }: MachineShare): string =>
    t.machineShare(format.number(cores), trainings, load === null ? null : format.number(load));
  return (
    <Container
      data-testid="training-progress"
      header={
        <Header
          variant="h2"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button iconName="download" onClick={() => saveLog(version, data)}>
                {t.log}
              </Button>
              <Button onClick={() => setAsking(true)} data-testid="cancel-training">
                {t.cancel}
              </Button>
            </SpaceBetween>
          }
        >
          {t.progress}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <TrainingBar project={project} version={version} />
        <KeyValuePairs
          columns={3}
          items={[
            { label: t.phase, value: phaseText(data, t, format) },
            { label: t.elapsed, value: t.duration(data.seconds) },
            { label: t.remaining, value: eta === null ? t.unknown : t.left(t.duration(eta)) },
            { label: t.budgetShown, value: budget === null ? t.unknown : t.duration(budget) },
            { label: t.machine, value: machine === null ? t.unknown : machineShare(machine) },
          ]}
        />
        {data.attempt > 1 ? <Box color="text-status-warning">{t.attempt(data.attempt)}</Box> : null}
        <TrainingCharts history={data.history} empty={t.curvesLater} />
      </SpaceBetween>
      {isAsking ? (
        <ConfirmDialog
          title={t.cancelTitle}
          confirm={t.cancel}
          busy={cancel.isPending}
          error={cancel.error}
          onConfirm={() => cancel.mutate()}
          onClose={() => setAsking(false)}
        >
          {t.cancelText}
        </ConfirmDialog>
      ) : null}
    </Container>
  );
}
