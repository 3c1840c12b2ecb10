import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FileDropzone from "@cloudscape-design/components/file-dropzone";
import FileInput from "@cloudscape-design/components/file-input";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { pictureUrl } from "../api/lensmith.ts";
import * as queries from "../api/queries.ts";
import { labelColours } from "../pictures/label-colours.ts";
import { notifyError } from "../shell/error-details.tsx";
import { notify } from "../shell/notices.ts";
import { nameOf, parseS3Uri } from "../shell/s3-uri.ts";
import { saveFile } from "../shell/save-file.ts";
import { useFormat, useWords } from "../words/language.ts";
import { csv, detect, refusal, type Source, type Tried } from "./tried.ts";
import { TriedPicture } from "./tried-picture.tsx";
import "./serving.css";

/** Pictures for one model: dropped, chosen, pasted or from the storage. */
export function TryPanel(props: { readonly arn: string; readonly project: string; readonly name: string }): ReactNode {
  const { serving, shell } = useWords();
  const t = serving.try;
  const format = useFormat();
  const { arn, project, name } = props;
  const [tried, setTried] = useState<readonly Tried[]>([]);
  const [shownId, setShownId] = useState<string | null>(null);
  const [uri, setUri] = useState("");
  const [isBad, setBad] = useState(false);
  const report = useQuery({ ...queries.evaluation(project, name), retry: false });
  const { mutate, isPending } = useMutation({
    mutationFn: async (sources: readonly Source[]) => {
      for (const source of sources) {
        const title = source.kind === "file" ? source.file.name : nameOf(source.key);
        const url = source.kind === "file" ? URL.createObjectURL(source.file) : pictureUrl(source, "full");
        try {
          const found = await detect(arn, source, 0);
          const one: Tried = { id: crypto.randomUUID(), name: title, url, ...found };
          setTried((before) => [one, ...before]);
          setShownId(one.id);
        } catch (error) {
          notifyError(error, t.failed(title));
        }
      }
    },
  });
  const give = async (files: readonly File[]): Promise<void> => {
    const good: Source[] = [];
    for (const file of files) {
      const reason = await refusal(file);
      if (reason === null) good.push({ kind: "file", file });
      else {
        const content = reason === "wrongType" ? t.wrongType(file.name) : t.tooLarge(file.name, format.bytes(file.size));
        notify({ type: "error", content });
      }
    }
    if (good.length > 0) mutate(good);
  };
  const latest = useRef(give);
  useEffect(() => {
    latest.current = give;
  });
  useEffect(() => {
    const paste = (event: ClipboardEvent): void => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length > 0) void latest.current(files);
    };
    document.addEventListener("paste", paste);
    return () => document.removeEventListener("paste", paste);
  }, []);

  const names = new Set([
    ...(report.data?.labels ?? []).map(({ label }) => label),
    ...tried.flatMap(({ labels }) => labels.map(({ Name = "" }) => Name)),
  ]);
  const colours = labelColours([...names].map((label) => ({ name: label, color: null })));
  const thresholds = new Map((report.data?.labels ?? []).map(({ label, threshold }) => [label, 100 * threshold]));
  const shown = tried.find(({ id }) => id === shownId);
  const save = (suffix: string, type: string, text: string): void =>
    saveFile(`${project}-${name}.${suffix}`, new Blob([text], { type }));
  return (
    <SpaceBetween size="l">
      <Container>
        <SpaceBetween size="m">
          <FileDropzone onChange={({ detail }) => void give(detail.value)}>
            <SpaceBetween size="xs" alignItems="center">
              <Box>{t.drop}</Box>
              <FileInput
                multiple
                accept="image/jpeg,image/png"
                value={[]}
                onChange={({ detail }) => void give(detail.value)}
              >
                {t.choosePictures}
              </FileInput>
              <Box variant="small">{t.hint}</Box>
            </SpaceBetween>
          </FileDropzone>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              const place = parseS3Uri(uri);
              setBad(place === null || place.key === "");
              if (place !== null && place.key !== "") mutate([{ kind: "object", ...place }]);
            }}
          >
            <FormField
              label={t.uri}
              errorText={isBad ? t.badUri : ""}
              secondaryControl={<Button loading={isPending} data-testid="try-object">{t.analyze}</Button>}
              stretch
            >
              <Input value={uri} placeholder="s3://" onChange={({ detail }) => setUri(detail.value)} />
            </FormField>
          </form>
        </SpaceBetween>
      </Container>
      {shown === undefined ? null : (
        <Container
          data-testid="tried"
          header={
            <Header
              variant="h2"
              description={t.latency(format.number(Math.round(shown.milliseconds)))}
              actions={
                <SpaceBetween direction="horizontal" size="xs">
                  <Button
                    iconName="download"
                    onClick={() =>
                      save("json", "application/json", JSON.stringify(tried.map(({ name: picture, labels }) => ({ picture, CustomLabels: labels })), null, 2))
                    }
                  >
                    {t.json}
                  </Button>
                  <Button iconName="download" onClick={() => save("csv", "text/csv", csv(tried))} data-testid="try-csv">
                    {t.csv}
                  </Button>
                </SpaceBetween>
              }
            >
              {shown.name}
            </Header>
          }
        >
          <SpaceBetween size="m">
            <TriedPicture key={shown.id} tried={shown} colours={colours} thresholds={thresholds} />
            {tried.length < 2 ? null : (
              <ul className="tried-list" aria-label={t.pictures}>
                {tried.map((one) => (
                  <li key={one.id}>
                    <button
                      type="button"
                      aria-label={t.picture(one.name)}
                      aria-pressed={one.id === shown.id}
                      onClick={() => setShownId(one.id)}
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
                {JSON.stringify({ CustomLabels: shown.labels }, null, 2)}
              </pre>
            </ExpandableSection>
          </SpaceBetween>
        </Container>
      )}
    </SpaceBetween>
  );
}
