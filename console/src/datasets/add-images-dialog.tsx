/** Add pictures from the computer: chosen or dropped, checked, uploaded in batches (S10). */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FileDropzone from "@cloudscape-design/components/file-dropzone";
import FileInput from "@cloudscape-design/components/file-input";
import Modal from "@cloudscape-design/components/modal";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { type DatasetRow, putObject, saveEntries } from "../api/lensmith.ts";
import { putObjects } from "../api/new-objects.ts";
import * as queries from "../api/queries.ts";
import { ErrorAlert } from "../shell/error-details.tsx";
import { notify } from "../shell/notices.ts";
import { type Format, useFormat, useWords, type Words } from "../words/language.ts";
import "./add-images.css";
import { destinationOf, namesAt } from "./destination.ts";
import { type Checked, checkPicture, type Reason } from "./picture-check.ts";
import type { Picture } from "./sending.ts";
import { type Destination, Upload } from "./upload.ts";
import { UploadProgress } from "./upload-progress.tsx";

const SHOWN = 60;
const USUAL_BATCH = 30;

interface Chosen {
  readonly file: File;
  readonly checked: Checked;
}

type Texts = Words["gallery"]["adding"];

function reasonText(reason: Reason, t: Texts, format: Format): string {
  switch (reason.code) {
    case "bytes":
      return t.reasons.bytes(format.bytes(reason.bytes));
    case "type":
    case "broken":
    case "unreadable":
      return t.reasons[reason.code];
    default:
      return t.reasons[reason.code](reason.width, reason.height);
  }
}

/** A preview that gives its memory back. */
function Preview(props: { readonly file: File; readonly onRemove: () => void }): ReactNode {
  const { gallery } = useWords();
  const { file } = props;
  const picture = useRef<HTMLImageElement>(null);
  useEffect(() => {
    const url = URL.createObjectURL(file);
    if (picture.current !== null) picture.current.src = url;
    return () => URL.revokeObjectURL(url);
  }, [file]);
  return (
    <li className="adding-tile" title={file.name}>
      <img ref={picture} alt="" decoding="async" />
      <span className="adding-name">{file.name}</span>
      <button type="button" aria-label={gallery.adding.remove(file.name)} onClick={props.onRemove}>
        ×
      </button>
    </li>
  );
}

function Rejected({ chosen }: { readonly chosen: readonly Chosen[] }): ReactNode {
  const { gallery } = useWords();
  const format = useFormat();
  const t = gallery.adding;
  if (chosen.length === 0) return null;
  return (
    <Alert type="warning" header={t.rejected(chosen.length)}>
      <ul className="adding-rejected" data-testid="rejected">
        {chosen.map(({ file, checked }, i) => (
          <li key={`${file.name}-${i}`}>
            <strong>{file.name}</strong>
            {": "}
            {"reason" in checked ? reasonText(checked.reason, t, format) : ""}
          </li>
        ))}
      </ul>
    </Alert>
  );
}

/** Choose and check files; those of names that the dataset has are set apart. */
function useChosen(dataset: DatasetRow) {
  const [chosen, setChosen] = useState<readonly Chosen[]>([]);
  const [checking, setChecking] = useState<{ done: number; total: number } | null>(null);
  const place = useQuery({
    queryKey: ["destination", dataset.arn],
    queryFn: async () => {
      const to = await destinationOf(dataset);
      return { to, names: await namesAt(dataset, to) };
    },
    gcTime: 0,
    staleTime: Infinity, // the names may be many; what is taken meanwhile gets a number
  });
  const add = async (files: readonly File[]): Promise<void> => {
    if (files.length === 0) return;
    const found: Chosen[] = [];
    for (const file of files) {
      if (found.length % 20 === 0) setChecking({ done: found.length, total: files.length });
      found.push({ file, checked: await checkPicture(file) });
    }
    setChecking(null);
    setChosen((old) => [...old, ...found]);
  };
  const remove = (file: File): void => setChosen((old) => old.filter((one) => one.file !== file));
  const good = chosen.filter(({ checked }) => "size" in checked);
  const bad = chosen.filter(({ checked }) => "reason" in checked);
  return { add, remove, good, bad, checking, place };
}

function useUpload(dataset: DatasetRow, batchSize: number, onDone: () => void) {
  const client = useQueryClient();
  const { gallery } = useWords();
  const [upload, setUpload] = useState<Upload | null>(null);
  const state = useSyncExternalStore(
    upload?.subscribe ?? (() => () => undefined),
    () => upload?.progress().state ?? null,
  );
  const { project, type } = dataset;
  const run = async (started: Upload): Promise<void> => {
    await started.run();
    // Once: the gallery behind would draw its pictures anew for every batch.
    void client.invalidateQueries({ queryKey: ["dataset", project, type] });
    void client.invalidateQueries({ queryKey: ["datasets"] });
    const { state: end, done } = started.progress();
    if (end !== "completed") return;
    notify({ type: "success", content: gallery.adding.done(done) });
    onDone();
  };
  const start = (pictures: readonly Picture[], to: Destination): void => {
    const started = new Upload(
      pictures,
      to,
      {
        put: (key, file, { signal, onProgress }) =>
          putObject(to.bucket, key, file, { signal, onProgress, keep: true }),
        putAll: (files, options) => putObjects(to.bucket, files, options),
        enter: (id, changes) => saveEntries(project, type, id, changes),
      },
      batchSize,
    );
    setUpload(started);
    void run(started);
  };
  return { upload, state, start, again: () => (upload === null ? undefined : void run(upload)) };
}

export function AddImagesDialog(props: {
  readonly dataset: DatasetRow;
  readonly onClose: () => void;
}): ReactNode {
  const { gallery, shell } = useWords();
  const t = gallery.adding;
  const format = useFormat();
  const { dataset, onClose } = props;
  const { data: who } = useQuery(queries.who());
  const batchSize = who?.upload_batch ?? USUAL_BATCH;
  const { add, remove, good, bad, checking, place } = useChosen(dataset);
  const { upload, state, start, again } = useUpload(dataset, batchSize, onClose);
  const [same, setSame] = useState<"both" | "skip">("skip");
  const isRunning = state === "running";
  useBlocker({
    shouldBlockFn: () => isRunning && !window.confirm(t.leave),
    enableBeforeUnload: () => isRunning,
  });
  const names = place.data?.names;
  const taken = good.filter(({ file }) => names?.entered.has(file.name) === true);
  const wanted = same === "both" ? good : good.filter((one) => !taken.includes(one));
  const bytes = wanted.reduce((sum, { file }) => sum + file.size, 0);
  const pictures = wanted.flatMap(({ file, checked }): readonly Picture[] =>
    "size" in checked ? [{ file, size: checked.size, isLeft: names?.left.has(file.name) === true }] : [],
  );
  return (
    <Modal
      visible
      size="large"
      header={t.title[dataset.type]}
      closeAriaLabel={shell.close}
      // Running uploads are ended by the button that says so, and no click beside takes away what was chosen.
      onDismiss={({ detail }) =>
        isRunning || (detail.reason === "overlay" && wanted.length > 0 && state !== "completed") ? undefined : onClose()
      }
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            {isRunning ? (
              <Button onClick={() => upload?.cancel()} data-testid="cancel-upload">
                {t.cancel}
              </Button>
            ) : (
              <Button variant="link" onClick={onClose}>
                {upload === null ? shell.cancel : shell.close}
              </Button>
            )}
            {upload === null ? (
              <Button
                variant="primary"
                disabled={pictures.length === 0 || place.data === undefined}
                disabledReason={t.waiting}
                loading={checking !== null}
                onClick={() => place.data && start(pictures, place.data.to)}
                data-testid="upload"
              >
                {t.upload(pictures.length)}
              </Button>
            ) : isRunning ? null : (
              <Button variant="primary" onClick={again} data-testid="resume">
                {state === "cancelled" ? t.resume : t.retry}
              </Button>
            )}
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <ErrorAlert error={place.error} retry={() => void place.refetch()} />
        {upload !== null ? (
          <UploadProgress upload={upload} />
        ) : (
          <>
            <FileDropzone onChange={({ detail }) => void add(detail.value)}>
              <SpaceBetween size="xs" alignItems="center">
                <FileInput
                  multiple
                  accept="image/png,image/jpeg"
                  value={[]}
                  ariaLabel={t.choose}
                  onChange={({ detail }) => void add(detail.value)}
                >
                  {t.choose}
                </FileInput>
                <Box color="text-body-secondary">{t.drop}</Box>
              </SpaceBetween>
            </FileDropzone>
            <Box color="text-body-secondary" fontSize="body-s">
              {t.text(batchSize)}
            </Box>
          </>
        )}
        {checking === null ? null : (
          <Box color="text-status-info">{t.checking(checking.done, checking.total)}</Box>
        )}
        <Rejected chosen={bad} />
        {upload !== null || taken.length === 0 ? null : (
          <Alert type="info" header={t.duplicates(taken.length)}>
            <RadioGroup
              value={same}
              items={[
                { value: "skip", label: t.skip },
                { value: "both", label: t.keepBoth },
              ]}
              onChange={({ detail }) => setSame(detail.value === "both" ? "both" : "skip")}
            />
          </Alert>
        )}
        {upload !== null || wanted.length === 0 ? null : (
          <div>
            <Box variant="strong">{t.chosen(wanted.length, format.bytes(bytes))}</Box>
            <ul className="adding-tiles">
              {wanted.slice(0, SHOWN).map(({ file }, i) => (
                <Preview key={`${file.name}-${i}`} file={file} onRemove={() => remove(file)} />
              ))}
            </ul>
            {wanted.length > SHOWN ? (
              <Box color="text-body-secondary">{t.more(wanted.length - SHOWN)}</Box>
            ) : null}
          </div>
        )}
      </SpaceBetween>
    </Modal>
  );
}
