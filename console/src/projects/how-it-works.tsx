import "./how-it-works.css";
import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { type ReactNode, useState } from "react";
import { paths } from "../shell/paths.ts";
import { useFormat, useWords } from "../words/language.ts";
import type { Progress, Step } from "./progress.ts";

const KEY = "lensmith.how-it-works";

function StepCard(props: {
  readonly number: number;
  readonly title: string;
  readonly text: string;
  readonly step: Step;
  readonly href: string;
  readonly isNext: boolean;
  /** What stands in place of the button once the step is done. */
  readonly outcome?: ReactNode;
}): ReactNode {
  const { projects } = useWords();
  const { step } = props;
  return (
    <li className={step.done ? "how-step is-done" : "how-step"}>
      <div className="how-title">
        <span className="how-number" aria-hidden="true">
          {props.number}
        </span>
        {props.title}
      </div>
      <p className="how-text">{props.text}</p>
      {props.outcome}
      {props.outcome !== undefined && props.number === 1 ? null : (
        <div>
          <Button
            variant={props.isNext ? "primary" : "normal"}
            disabled={step.blocker !== null}
            {...(step.blocker === null
              ? { href: props.href }
              : { disabledReason: projects.page[step.blocker] })}
            data-testid={`step-${props.number}`}
          >
            {props.title}
          </Button>
        </div>
      )}
    </li>
  );
}

/** The four steps from pictures to metrics, with how far the project is (S7). */
export function HowItWorks(props: { readonly project: string; readonly progress: Progress }): ReactNode {
  const { projects } = useWords();
  const t = projects.page;
  const format = useFormat();
  const [open, setOpen] = useState(localStorage.getItem(KEY) !== "closed");
  const { project, progress } = props;
  const steps = [progress.dataset, progress.label, progress.train, progress.metrics];
  const next = steps.findIndex((step) => !step.done && step.blocker === null);
  const [creating, training, evaluating] = t.groups;
  const labelled =
    progress.images === 0 ? undefined : (
      <StatusIndicator type={progress.label.done ? "success" : "info"}>
        {t.labeled(format.number(progress.labeled), format.number(progress.images))}
      </StatusIndicator>
    );
  return (
    <ExpandableSection
      variant="container"
      headerText={t.howItWorks}
      expanded={open}
      onChange={({ detail }) => {
        setOpen(detail.expanded);
        localStorage.setItem(KEY, detail.expanded ? "open" : "closed");
      }}
    >
      <div className="how">
        <section className="how-group">
          <h3>{creating}</h3>
          <ol className="how-steps">
            <StepCard
              number={1}
              title={t.createDataset}
              text={t.createDatasetText}
              step={progress.dataset}
              href={paths.createDataset(project)}
              isNext={next === 0}
              {...(progress.dataset.done
                ? { outcome: <StatusIndicator type="success">{t.created}</StatusIndicator> }
                : {})}
            />
            <StepCard
              number={2}
              title={t.labelImages}
              text={t.labelImagesText}
              step={progress.label}
              href={paths.label(project, "train")}
              isNext={next === 1}
              outcome={labelled}
            />
          </ol>
        </section>
        <section className="how-group">
          <h3>{training}</h3>
          <ol className="how-steps">
            <StepCard
              number={3}
              title={t.trainModel}
              text={t.trainModelText}
              step={progress.train}
              href={paths.train(project)}
              isNext={next === 2}
            />
          </ol>
        </section>
        <section className="how-group">
          <h3>{evaluating}</h3>
          <ol className="how-steps">
            <StepCard
              number={4}
              title={t.checkMetrics}
              text={t.checkMetricsText}
              step={progress.metrics}
              href={paths.model(project, progress.newestModel ?? "")}
              isNext={next === 3}
            />
          </ol>
        </section>
      </div>
    </ExpandableSection>
  );
}
