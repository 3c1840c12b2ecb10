/** One example: what it teaches, a picture of it, and how far its project is. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { cancelTask, createExample, type ExampleCreated, type ExampleName, type Task } from "../api/lensmith.ts";
import * as queries from "../api/queries.ts";
import { ErrorAlert, notifyError } from "../shell/error-details.tsx";
import { paths } from "../shell/paths.ts";
import { useFormat, useWords } from "../words/language.ts";
import boards from "./pictures/circuitboard.jpg";
import flowers from "./pictures/flowers.jpg";
import logos from "./pictures/logos.jpg";
import rooms from "./pictures/rooms.jpg";

const PICTURES: Readonly<Record<ExampleName, string>> = { rooms, flowers, logos, circuitboard: boards };

interface CardProps {
  readonly name: ExampleName;
  readonly task: string | null;
  readonly onTask: (task: string | null) => void;
  readonly onEnd: () => void;
}

export function ExampleCard({ name, task, onTask, onEnd }: CardProps): ReactNode {
  const { examples } = useWords();
  const t = examples.cards[name];
  const create = useMutation({
    mutationFn: () => createExample(name),
    onSuccess: (started) => onTask(started.task),
  });
  return (
    <article className="example-card" data-testid={`example-${name}`}>
      <img src={PICTURES[name]} alt={t.picture} width="640" height="240" />
      <div className="example-text">
        <Box variant="h2" tagOverride="h2">
          {t.title}
        </Box>
        <Box color="text-body-secondary">{t.recommended}</Box>
        <p>{t.use}</p>
        <SpaceBetween size="s">
          <ErrorAlert error={create.error} title={examples.notStarted} />
          {task === null ? null : <Filling name={name} task={task} onTask={onTask} onEnd={onEnd} />}
          <Button
            variant={task === null ? "primary" : "normal"}
            loading={create.isPending}
            onClick={() => create.mutate()}
            data-testid={`create-${name}`}
          >
            {examples.create(t.project)}
          </Button>
        </SpaceBetween>
      </div>
    </article>
  );
}

/** How far the copying is, and how it ended. */
function Filling({ name, task, onTask, onEnd }: CardProps & { readonly task: string }): ReactNode {
  const { examples: t } = useWords();
  const { data, error, refetch } = useQuery(queries.task<ExampleCreated>(task));
  const cancel = useMutation({
    mutationFn: () => cancelTask(task),
    onSettled: () => refetch(),
    onError: (failure) => notifyError(failure, t.cancel),
  });
  const state = data?.state;
  useEffect(() => {
    if (state !== undefined && state !== "running") onEnd();
  }, [state, onEnd]);
  if (data === undefined) return <ErrorAlert error={error} />;
  if (data.state === "running") {
    return <Progress name={name} task={data} isCancelling={cancel.isPending} onCancel={() => cancel.mutate()} />;
  }
  if (data.state !== "completed" || data.result === null) {
    return (
      <Alert
        type={data.state === "cancelled" ? "info" : "error"}
        header={data.state === "cancelled" ? t.cancelled : t.failed}
        dismissible
        onDismiss={() => onTask(null)}
      >
        {data.error?.message} {t.nothingLeft}
      </Alert>
    );
  }
  return <Ready created={data.result} />;
}

function Ready({ created }: { readonly created: ExampleCreated }): ReactNode {
  const { examples: t } = useWords();
  const format = useFormat();
  const { project, images } = created;
  return (
    <Alert
      type="success"
      header={t.ready(project)}
      data-testid="example-ready"
      action={<Button href={paths.gallery(project)}>{t.toDataset}</Button>}
    >
      {t.counts(format.number(images.train), format.number(images.test))}{" "}
      <a href={paths.train(project)}>{t.toTraining}</a>
    </Alert>
  );
}

function Progress(props: {
  readonly name: ExampleName;
  readonly task: Task<ExampleCreated>;
  readonly isCancelling: boolean;
  readonly onCancel: () => void;
}): ReactNode {
  const { examples: t } = useWords();
  const format = useFormat();
  const { task } = props;
  const phases: Readonly<Record<string, string | undefined>> = t.phases;
  return (
    <SpaceBetween size="xs">
      <ProgressBar
        value={task.total === null || task.total === 0 ? 0 : (100 * task.done) / task.total}
        label={t.creating(t.cards[props.name].project)}
        description={phases[task.phase] ?? ""}
        additionalInfo={
          task.total === null ? "" : t.doneOf(format.number(task.done), format.number(task.total))
        }
      />
      <Button loading={props.isCancelling} onClick={props.onCancel}>
        {t.cancel}
      </Button>
    </SpaceBetween>
  );
}
