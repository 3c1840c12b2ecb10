import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { pictureUrl, putObject } from "../api/lensmith.ts";
import * as queries from "../api/queries.ts";
import { uuid } from "../api/uuid.ts";
import { labelColours } from "../pictures/label-colours.ts";
import { notifyError } from "../shell/error-details.tsx";
import { dismiss, notify } from "../shell/notices.ts";
import { nameOf } from "../shell/s3-uri.ts";
import { saveFile } from "../shell/save-file.ts";
import { useFormat, useWords } from "../words/language.ts";
import { annotatedPng } from "./annotated.ts";
import { type Model, titleOf, useThresholds } from "./models.ts";
import { PictureInput } from "./picture-input.tsx";
import { csv, detect, json, MAX_STORED_BYTES, refusal, shownLabels, type Source, type Tried, type View } from "./tried.ts";
import { SendToFeedback } from "./send-to-feedback.tsx";
import { TriedPicture } from "./tried-picture.tsx";
import { ViewControls } from "./view-controls.tsx";
import "./serving.css";

/** Pictures for one model, or for two side by side. */
export function TryPanel(props: { readonly models: readonly Model[] }): ReactNode {
  const { models } = props;
  const { tried, shown, show, isPending, mutate } = useTried(models);
  const give = useFiles(mutate);
  const { thresholds, labels } = useThresholds(models);
  const [view, setView] = useState<View>({ isAssumed: true, minimum: 50 });
  const names = new Set([
    ...labels,
    ...tried.flatMap(({ answers }) => answers.flatMap((one) => one.labels.map(({ Name = "" }) => Name))),
  ]);
  const colours = labelColours([...names].map((name) => ({ name, color: null })));
  const hasThresholds = [...thresholds.values()].some(({ size }) => size > 0);
  return (
    <SpaceBetween size="l">
      <PictureInput isBusy={isPending} onFiles={(files) => void give(files)} onObject={(source) => mutate([source])} />
      {shown === undefined ? null : (
        <Results
          {...{ tried, shown, show, colours, thresholds, hasThresholds, onView: setView }}
          view={hasThresholds ? view : { ...view, isAssumed: false }}
        />
      )}
    </SpaceBetween>
  );
}

/** Ask every model about each picture, one picture after the other. */
function useTried(models: readonly Model[]) {
  const t = useWords().serving.try;
  const [tried, setTried] = useState<readonly Tried[]>([]);
  const [shownId, show] = useState<string | null>(null);
  const { mutate, isPending } = useMutation({
    mutationFn: async (sources: readonly Source[]) => {
      for (const source of sources) {
        const name = source.kind === "file" ? source.file.name : nameOf(source.key);
        const url = source.kind === "file" ? URL.createObjectURL(source.file) : pictureUrl(source, "full");
        try {
          // One after the other: on a machine with few cores both at once would tell wrong latencies.
          const answers = [];
          for (const model of models) {
            answers.push({ arn: model.arn, model: titleOf(model), ...(await detect(model.arn, source, 0)) });
          }
          const one: Tried = { id: uuid(), name, url, answers, source };
          setTried((before) => [one, ...before]);
          show(one.id);
        } catch (error) {
          notifyError(error, t.failed(name));
        }
      }
    },
  });
  return { tried, shown: tried.find(({ id }) => id === shownId), show, isPending, mutate };
}

/** Check files before they are sent; those too large for a request can go through the storage. */
function useFiles(send: (sources: readonly Source[]) => void): (files: readonly File[]) => Promise<void> {
  const t = useWords().serving.try;
  const format = useFormat();
  const bucket = useQuery(queries.setup()).data?.bucket ?? null;
  const store = async (file: File, id: string, to: string): Promise<void> => {
    dismiss(id);
    const key = `try/${uuid()}/${file.name}`;
    try {
      await putObject(to, key, file);
      send([{ kind: "object", bucket: to, key }]);
    } catch (error) {
      notifyError(error, t.failed(file.name));
    }
  };
  return async (files) => {
    const good: Source[] = [];
    for (const file of files) {
      const reason = await refusal(file);
      if (reason === null) good.push({ kind: "file", file });
      else if (reason !== "tooLarge") notify({ type: "error", content: t[reason](file.name) });
      else {
        const id = `large-${file.name}`;
        const content = t.tooLarge(file.name, format.bytes(file.size));
        const action =
          bucket === null || file.size > MAX_STORED_BYTES ? undefined : (
            <Button onClick={() => void store(file, id, bucket)}>{t.throughStorage}</Button>
          );
        notify({ type: "error", id, content, action });
      }
    }
    if (good.length > 0) send(good);
  };
}

const save = (suffix: string, type: string, text: string): void =>
  saveFile(`results.${suffix}`, new Blob([text], { type }));

function Results(props: {
  readonly tried: readonly Tried[];
  readonly shown: Tried;
  readonly show: (id: string) => void;
  readonly colours: ReadonlyMap<string, string>;
  readonly thresholds: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly hasThresholds: boolean;
  readonly view: View;
  readonly onView: (view: View) => void;
}): ReactNode {
  const { serving, shell } = useWords();
  const t = serving.try;
  const { tried, shown, colours, thresholds, view } = props;
  const name = shown.name.replace(/\.[^.]*$/, "");
  const png = useMutation({
    mutationFn: () => {
      const isCompared = shown.answers.length > 1;
      const drawn = shown.answers.map(({ arn, model, labels }) => ({
        title: isCompared ? model : null,
        labels: shownLabels(labels, view, thresholds.get(arn) ?? new Map<string, number>()),
      }));
      return annotatedPng(shown.url, drawn, colours);
    },
    onSuccess: (picture) => saveFile(`${name}-annotated.png`, picture),
    onError: (error) => notifyError(error, t.png),
  });
  return (
    <Container
      data-testid="tried"
      header={
        <Header
          variant="h2"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button iconName="download" loading={png.isPending} onClick={() => png.mutate()} data-testid="try-png">
                {t.png}
              </Button>
              <Button
                iconName="download"
                onClick={() => save("json", "application/json", json(tried))}
                data-testid="try-json"
              >
                {t.json}
              </Button>
              <Button iconName="download" onClick={() => save("csv", "text/csv", csv(tried))} data-testid="try-csv">
                {t.csv}
              </Button>
              <SendToFeedback tried={tried} />
            </SpaceBetween>
          }
        >
          {shown.name}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <ViewControls view={view} onChange={props.onView} hasThresholds={props.hasThresholds} />
        <TriedPicture key={shown.id} {...{ tried: shown, colours, thresholds, view }} />
        {tried.length < 2 ? null : (
          <ul className="tried-list" aria-label={t.pictures}>
            {tried.map((one) => (
              <li key={one.id}>
                <button
                  type="button"
                  aria-label={t.picture(one.name)}
                  aria-pressed={one.id === shown.id}
                  onClick={() => props.show(one.id)}
                >
                  <img src={one.url} alt="" />
                </button>
              </li>
            ))}
          </ul>
        )}
        <ExpandableSection headerText={t.response}>
          {/* It scrolls, so it takes the focus. */}
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <pre className="tried-json" tabIndex={0} aria-label={shell.copy}>
            {JSON.stringify(
              shown.answers.map(({ model, labels }) => ({ model, CustomLabels: labels })),
              null,
              2,
            )}
          </pre>
        </ExpandableSection>
      </SpaceBetween>
    </Container>
  );
}
