import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FileDropzone from "@cloudscape-design/components/file-dropzone";
import FileInput from "@cloudscape-design/components/file-input";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useBlocker } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { labelColours } from "../pictures/label-colours.ts";
import { notifyError } from "../shell/error-details.tsx";
import { saveFile } from "../shell/save-file.ts";
import { useFormat, useWords } from "../words/language.ts";
import { frameFile, seek } from "./frames.ts";
import { type Model, titleOf, useThresholds } from "./models.ts";
import { clock, type Frame, framesCsv, type Lane, lanesOf, momentsOf } from "./timeline.ts";
import { detect, type View } from "./tried.ts";
import { ViewControls } from "./view-controls.tsx";
import "./serving.css";

/** Seconds between two frames that are looked at. */
const STEPS = [0.5, 1, 2, 5, 10];
const MAX_FRAMES = 600;

interface Clip {
  readonly name: string;
  readonly url: string;
}

/** A video file of this computer: frames go to the model, a timeline shows when it found what. */
export function VideoPanel({ model }: { readonly model: Model }): ReactNode {
  const { serving } = useWords();
  const t = serving.video;
  const [clip, setClip] = useState<Clip | null>(null);
  useEffect(() => () => (clip === null ? undefined : URL.revokeObjectURL(clip.url)), [clip]);
  const choose = ([file]: readonly File[]): void => {
    if (file !== undefined) setClip({ name: file.name, url: URL.createObjectURL(file) });
  };
  return (
    <SpaceBetween size="l">
      <Container>
        <FileDropzone onChange={({ detail }) => choose(detail.value)}>
          <SpaceBetween size="xs" alignItems="center">
            <Box>{t.drop}</Box>
            <FileInput accept="video/*" value={[]} onChange={({ detail }) => choose(detail.value)}>
              {t.choose}
            </FileInput>
            <Box variant="small">{t.hint}</Box>
          </SpaceBetween>
        </FileDropzone>
      </Container>
      {clip === null ? null : <ClipPanel key={`${clip.url} ${model.arn}`} clip={clip} model={model} />}
    </SpaceBetween>
  );
}

function ClipPanel({ clip, model }: { readonly clip: Clip; readonly model: Model }): ReactNode {
  const { serving } = useWords();
  const t = serving.video;
  const format = useFormat();
  const video = useRef<HTMLVideoElement>(null);
  const stop = useRef<AbortController | null>(null);
  const [duration, setDuration] = useState(0);
  const [isUnreadable, setUnreadable] = useState(false);
  const [step, setStep] = useState(1);
  const [frames, setFrames] = useState<readonly Frame[]>([]);
  const [isRunning, setRunning] = useState(false);
  const [view, setView] = useState<View>({ isAssumed: true, minimum: 50 });
  const { thresholds, labels } = useThresholds([model]);
  const own = thresholds.get(model.arn) ?? new Map<string, number>();
  const colours = labelColours(labels.map((name) => ({ name, color: null })));
  const shownView = own.size > 0 ? view : { ...view, isAssumed: false };
  const moments = momentsOf(duration, step, MAX_FRAMES);
  useEffect(() => () => stop.current?.abort(), []);
  useBlocker({ shouldBlockFn: () => isRunning && !window.confirm(t.leave), enableBeforeUnload: () => isRunning });

  const run = async (): Promise<void> => {
    const player = video.current;
    if (player === null) return;
    const control = new AbortController();
    stop.current = control;
    player.pause();
    setFrames([]);
    setRunning(true);
    try {
      for (const seconds of moments) {
        await seek(player, seconds);
        const file = await frameFile(player, `${clip.name}-${seconds}.jpg`);
        const found = await detect(model.arn, { kind: "file", file }, 0);
        if (control.signal.aborted) break;
        setFrames((before) => [...before, { seconds, ...found }]);
      }
    } catch (error) {
      notifyError(error, t.failed(clip.name));
    } finally {
      setRunning(false);
    }
  };
  const save = (suffix: string, type: string, text: string): void =>
    saveFile(`${clip.name}.${suffix}`, new Blob([text], { type }));
  const steps = STEPS.map((seconds) => ({ value: String(seconds), label: t.every(String(seconds)) }));
  const mean = frames.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / Math.max(1, frames.length);
  return (
    <Container
      data-testid="video"
      header={
        <Header
          variant="h2"
          actions={
            frames.length === 0 || isRunning ? null : (
              <SpaceBetween direction="horizontal" size="xs">
                <Button
                  iconName="download"
                  onClick={() =>
                    save(
                      "jsonl",
                      "application/jsonl",
                      frames
                        .map(({ seconds, labels: CustomLabels }) =>
                          JSON.stringify({ video: clip.name, seconds, model: titleOf(model), CustomLabels }),
                        )
                        .join("\n")
                        .concat("\n"),
                    )
                  }
                >
                  {t.jsonl}
                </Button>
                <Button
                  iconName="download"
                  onClick={() => save("csv", "text/csv", framesCsv(clip.name, frames))}
                  data-testid="video-csv"
                >
                  {serving.try.csv}
                </Button>
              </SpaceBetween>
            )
          }
        >
          {clip.name}
        </Header>
      }
    >
      <SpaceBetween size="m">
        {isUnreadable ? <Alert type="error">{t.unreadable}</Alert> : null}
        {/* A file that the person has chosen; it has what captions it has. */}
        {/* oxlint-disable-next-line jsx-a11y/media-has-caption */}
        <video
          ref={video}
          className="clip"
          src={clip.url}
          controls
          muted
          playsInline
          preload="auto"
          aria-label={clip.name}
          onLoadedMetadata={({ currentTarget }) =>
            setDuration(Number.isFinite(currentTarget.duration) ? currentTarget.duration : 0)
          }
          onError={() => setUnreadable(true)}
        />
        <div className="clip-controls">
          <FormField label={t.step}>
            <Select
              options={steps}
              selectedOption={steps.find(({ value }) => value === String(step)) ?? null}
              disabled={isRunning}
              onChange={({ detail }) => setStep(Number(detail.selectedOption.value ?? 1))}
              data-testid="video-step"
            />
          </FormField>
          {isRunning ? (
            <Button onClick={() => stop.current?.abort()}>{t.stop}</Button>
          ) : (
            <Button
              variant="primary"
              disabled={duration === 0 || isUnreadable}
              onClick={() => void run()}
              data-testid="video-run"
            >
              {t.run(format.number(moments.length))}
            </Button>
          )}
        </div>
        {isRunning ? (
          <ProgressBar
            value={(100 * frames.length) / moments.length}
            ariaLabel={t.progress}
            description={t.ofFrames(format.number(frames.length), format.number(moments.length))}
          />
        ) : null}
        {frames.length === 0 ? null : (
          <>
            <ViewControls view={shownView} onChange={setView} hasThresholds={own.size > 0} />
            <Box color="text-body-secondary">
              {t.meanLatency(format.number(frames.length), format.number(Math.round(mean)))}
            </Box>
            <Timeline
              lanes={lanesOf(frames, step, duration, shownView, own)}
              duration={duration}
              colours={colours}
              onSeek={(seconds) => {
                if (video.current !== null && !isRunning) video.current.currentTime = seconds;
              }}
            />
          </>
        )}
      </SpaceBetween>
    </Container>
  );
}

/** A lane a label; each stretch is a button that moves the video to its beginning. */
function Timeline(props: {
  readonly lanes: readonly Lane[];
  readonly duration: number;
  readonly colours: ReadonlyMap<string, string>;
  readonly onSeek: (seconds: number) => void;
}): ReactNode {
  const { serving } = useWords();
  const t = serving.video;
  const format = useFormat();
  const { lanes, duration, colours } = props;
  if (lanes.length === 0) return <Box color="text-body-secondary">{t.nothing}</Box>;
  const percent = (seconds: number): string => `${(100 * seconds) / duration}%`;
  return (
    <div className="timeline" data-testid="timeline">
      {lanes.map(({ label, stretches }) => (
        <div key={label} className="timeline-lane">
          <span className="timeline-name" title={label}>
            {label}
          </span>
          <div className="timeline-track">
            {stretches.map(({ from, to, confidence }) => {
              const text = t.stretch(label, clock(from), clock(to), format.decimals(confidence, 1));
              return (
                <button
                  key={from}
                  type="button"
                  title={text}
                  aria-label={text}
                  style={{
                    insetInlineStart: percent(from),
                    inlineSize: percent(to - from),
                    background: colours.get(label) ?? "#0072b2",
                    opacity: 0.35 + (0.65 * confidence) / 100,
                  }}
                  onClick={() => props.onSeek(from)}
                />
              );
            })}
          </div>
        </div>
      ))}
      <div className="timeline-ends">
        <span>{clock(0)}</span>
        <span>{clock(duration)}</span>
      </div>
    </div>
  );
}
