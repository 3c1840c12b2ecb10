import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { call } from "../api/http.ts";
import type { ProjectVersionDescription } from "../api/rekognition.ts";
import { readUnits, resizeUnits } from "../api/versions.ts";
import { ConfirmDialog } from "../shell/confirm-dialog.tsx";
import { notify } from "../shell/notices.ts";
import { paths } from "../shell/paths.ts";
import { Status } from "../shell/status.tsx";
import { useFormat, useWords } from "../words/language.ts";
import { LiveRequests } from "./activity-panel.tsx";
import { UnitFields, type Units } from "./unit-fields.tsx";

const STARTABLE = new Set(["TRAINING_COMPLETED", "COPYING_COMPLETED", "STOPPED", "FAILED"]);
const LIVE_MS = 3_000;

type Action = "start" | "stop" | "resize";

/** The state of a model with the buttons that change it, and its units live. */
export function StartStop(props: {
  readonly project: string;
  readonly name: string;
  readonly version: ProjectVersionDescription;
}): ReactNode {
  const { serving: t } = useWords();
  const { project, name, version } = props;
  const client = useQueryClient();
  const arn = version.ProjectVersionArn ?? "";
  const status = version.Status ?? "";
  const [chosen, setUnits] = useState<Units>({ minimum: 1, maximum: null });
  const [asking, setAsking] = useState<Action | null>(null);
  const canStart = STARTABLE.has(status);
  const canStop = status === "RUNNING";
  const running: Units = { minimum: version.MinInferenceUnits ?? 1, maximum: version.MaxInferenceUnits ?? null };

  const change = useMutation({
    mutationFn: async (action: Action): Promise<unknown> => {
      const { minimum, maximum } = chosen;
      if (action === "stop") return call("StopProjectVersion", { ProjectVersionArn: arn });
      if (action === "resize") return resizeUnits(project, name, minimum, maximum);
      return call("StartProjectVersion", {
        ProjectVersionArn: arn,
        MinInferenceUnits: minimum,
        ...(maximum === null ? {} : { MaxInferenceUnits: maximum }),
      });
    },
    onSuccess: (_, action) => {
      notify({ type: "success", content: { start: t.started, stop: t.stopped, resize: t.resized }[action] });
      setAsking(null);
    },
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["versions"] }),
        client.invalidateQueries({ queryKey: ["units"] }),
      ]),
  });
  const close = (): void => {
    setAsking(null);
    change.reset();
  };
  const dialog = { busy: change.isPending, error: change.error, onClose: close };
  const growth = chosen.maximum === null ? "" : t.upTo(t.unitOption(chosen.maximum));
  const tryHref = `${paths.tryModel}?project=${encodeURIComponent(project)}&version=${encodeURIComponent(name)}`;
  return (
    <Container
      data-testid="start-stop"
      header={
        <Header
          variant="h2"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {canStop ? <Button href={tryHref}>{t.tryIt}</Button> : null}
              <Button
                disabled={!canStop}
                disabledReason={t.cannotStop}
                onClick={() => setAsking("stop")}
                data-testid="stop-model"
              >
                {t.stop}
              </Button>
              <Button
                variant="primary"
                disabled={!canStart}
                disabledReason={t.cannotStart}
                onClick={() => setAsking("start")}
                data-testid="start-model"
              >
                {t.start}
              </Button>
            </SpaceBetween>
          }
        >
          {t.startOrStop}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <div>
          <Status status={status} />
          <Box color="text-body-secondary">
            {t.explain[status] ?? ""} {status === "FAILED" ? version.StatusMessage : ""}
          </Box>
        </div>
        <UnitFields units={canStart ? chosen : running} onChange={setUnits} disabled={!canStart} />
        {canStop || status === "STARTING" ? (
          <Live
            project={project}
            name={name}
            onResize={() => {
              setUnits(running);
              setAsking("resize");
            }}
          />
        ) : null}
      </SpaceBetween>
      {asking === "start" ? (
        <ConfirmDialog {...dialog} title={t.startTitle} confirm={t.start} onConfirm={() => change.mutate("start")}>
          {t.startText(`${t.unitOption(chosen.minimum)}${growth}`)}
        </ConfirmDialog>
      ) : null}
      {asking === "stop" ? (
        <ConfirmDialog {...dialog} title={t.stopTitle} word="stop" confirm={t.stop} onConfirm={() => change.mutate("stop")}>
          {t.stopText}
        </ConfirmDialog>
      ) : null}
      {asking === "resize" ? (
        <ConfirmDialog {...dialog} title={t.resize} confirm={t.apply} onConfirm={() => change.mutate("resize")}>
          <SpaceBetween size="m">
            <Box>{t.resizeText}</Box>
            <UnitFields units={chosen} onChange={setUnits} disabled={false} />
          </SpaceBetween>
        </ConfirmDialog>
      ) : null}
    </Container>
  );
}

function Live(props: { readonly project: string; readonly name: string; readonly onResize: () => void }): ReactNode {
  const { serving: t } = useWords();
  const format = useFormat();
  const { data } = useQuery({
    queryKey: ["units", props.project, props.name],
    queryFn: () => readUnits(props.project, props.name),
    refetchInterval: LIVE_MS,
  });
  if (data === undefined) return null;
  return (
    <SpaceBetween size="s">
      <KeyValuePairs
        columns={3}
        items={[
          { label: t.inService, value: format.number(data.InServiceInferenceUnits) },
          { label: t.desired, value: format.number(data.DesiredInferenceUnits) },
          { label: t.waiting, value: format.number(data.WaitingRequests) },
        ]}
      />
      <LiveRequests project={props.project} name={props.name} />
      <Button variant="inline-link" onClick={props.onResize} data-testid="resize">
        {t.resize}
      </Button>
    </SpaceBetween>
  );
}
