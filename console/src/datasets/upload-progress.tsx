/** How far an upload is: all of it, each file on its way, and each that failed with the reason. */
import Alert from "@cloudscape-design/components/alert";
import LiveRegion from "@cloudscape-design/components/live-region";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useSyncExternalStore } from "react";
import { ErrorDetails } from "../shell/error-details.tsx";
import { useFormat, useWords } from "../words/language.ts";
import { UNREADABLE } from "./sending.ts";
import type { Failure, Progress, Sending, Upload } from "./upload.ts";

const SHOWN = 60;
/** Percent between two announcements to screen readers. */
const SPOKEN = 20;

function Files({ files }: { readonly files: readonly Sending[] }): ReactNode {
  const { gallery } = useWords();
  const format = useFormat();
  const t = gallery.adding;
  return (
    <ul className="adding-files" aria-label={t.files} data-testid="upload-files">
      {files.map(({ name, sent, size }, i) => (
        <li key={`${name}-${i}`}>
          <span className="adding-file-name">{name}</span>
          <progress max={size} value={sent} aria-label={name} />
          <span className="adding-file-size">
            {t.sent(format.bytes(sent), format.bytes(size))}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Failures({ failures }: { readonly failures: readonly Failure[] }): ReactNode {
  const { gallery } = useWords();
  const t = gallery.adding;
  const fixes: Readonly<Record<string, string | undefined>> = {
    ...gallery.fixes,
    [UNREADABLE]: t.unreadable,
  };
  if (failures.length === 0) return null;
  return (
    <Alert type="error" header={t.failed(failures.length)}>
      <ul className="adding-rejected" data-testid="upload-failures">
        {failures.slice(0, SHOWN).map(({ name, error, code }, i) => (
          <li key={`${name}-${i}`}>
            <strong>{name}</strong>
            {code === null ? <ErrorDetails error={error} /> : <div>{fixes[code] ?? code}</div>}
          </li>
        ))}
      </ul>
      {failures.length > SHOWN ? <div>{t.more(failures.length - SHOWN)}</div> : null}
    </Alert>
  );
}

function Overall({ progress }: { readonly progress: Progress }): ReactNode {
  const { gallery } = useWords();
  const format = useFormat();
  const t = gallery.adding;
  const { allBytes, bytes, bytesPerSecond } = progress;
  const speed = bytesPerSecond === null ? "" : ` · ${t.speed(format.bytes(bytesPerSecond))}`;
  const percent = allBytes === 0 ? 0 : Math.floor((100 * bytes) / allBytes);
  return (
    // Cloudscape's bar asks for a frame sixty times a second until it may speak again.
    <div className="adding-overall">
      <div id="adding-label">{t.progress}</div>
      <small>{t.batch(progress.batch, progress.batches) + speed}</small>
      <div className="adding-bar">
        <progress max={100} value={percent} aria-labelledby="adding-label" />
        <span>{percent}%</span>
      </div>
      <small>{t.uploaded(progress.done, progress.total)}</small>
      <LiveRegion hidden>{`${t.progress}: ${percent - (percent % SPOKEN)}%`}</LiveRegion>
    </div>
  );
}

/** The only part that is drawn again while bytes go up. */
export function UploadProgress({ upload }: { readonly upload: Upload }): ReactNode {
  const { gallery } = useWords();
  const progress = useSyncExternalStore(upload.subscribe, upload.progress);
  return (
    <SpaceBetween size="m">
      <div className="adding-progress">
        <Overall progress={progress} />
        {progress.state === "running" ? <Files files={progress.sending} /> : null}
      </div>
      {progress.state === "cancelled" ? (
        <Alert type="info">{gallery.adding.cancelled(progress.done)}</Alert>
      ) : null}
      <Failures failures={progress.failures} />
    </SpaceBetween>
  );
}
