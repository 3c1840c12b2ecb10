import ProgressBar from "@cloudscape-design/components/progress-bar";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import * as queries from "../api/queries.ts";
import type { Training } from "../api/versions.ts";
import { type Format, useFormat, useWords, type Words } from "../words/language.ts";

/** A phase in words, with the number of its trial; a code without words stands for itself. */
export function phaseName(
  { phase, trial = null, trials = null }: { readonly phase: string; readonly trial?: number | null; readonly trials?: number | null },
  t: Words["training"],
  format: Format,
): string {
  const words = t.phases[phase] ?? phase;
  if (trial === null || (trials === null && trial === 1)) return words;
  return t.trial(words, format.number(trial), trials === null ? null : format.number(trials));
}

/** The phase with its step, in words. */
export function phaseText(training: Training, t: Words["training"], format: Format): string {
  const { progress, queue_position: place } = training;
  if (place !== null && place !== undefined) return t.waiting(place);
  if (progress === null) return t.starting;
  const phase = phaseName(progress, t, format);
  if (progress.steps === 0) return phase;
  return t.ofPhase(phase, format.number(progress.step), format.number(progress.steps));
}

/** How far the present phase is, in percent; null where it cannot be known. */
export function phasePercent({ progress }: Training): number | null {
  if (progress === null || progress.steps === 0) return null;
  return Math.min(100, (100 * progress.step) / progress.steps);
}

/** How far a training is, live; for a table's cell and above the curves. */
export function TrainingBar(props: { readonly project: string; readonly version: string }): ReactNode {
  const { training: t } = useWords();
  const format = useFormat();
  const { data } = useQuery(queries.training(props.project, props.version));
  if (data === undefined || !queries.isMoving(data.status)) return null;
  const percent = phasePercent(data);
  const eta = data.progress?.eta_seconds ?? null;
  const text = phaseText(data, t, format);
  return (
    <div data-testid="training-bar">
      {percent === null ? (
        <StatusIndicator type={data.queue_position ? "pending" : "in-progress"}>{text}</StatusIndicator>
      ) : (
        <ProgressBar
          value={percent}
          ariaLabel={t.progress}
          description={text}
          additionalInfo={eta === null ? undefined : t.left(t.duration(eta))}
        />
      )}
    </div>
  );
}
