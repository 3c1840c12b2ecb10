/** One tutorial: its steps, ticked by what the server says. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import FormField from "@cloudscape-design/components/form-field";
import HelpPanel from "@cloudscape-design/components/help-panel";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import type { ReactNode } from "react";
import { useChangeSearch, useParam, useSearch } from "../shell/address.ts";
import { Empty, Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { useWords } from "../words/language.ts";
import type { Place } from "./tutorial-commands.ts";
import { type Facts, useFacts } from "./tutorial-facts.ts";
import { doneOf, followed, modelOf, type Step, type Tutorial, TUTORIALS } from "./tutorial-steps.ts";
import { wordsOf } from "./tutorial-words.ts";
import { useProjectNames } from "./tutorials-page.tsx";
import "./tutorials.css";

export function TutorialPage(): ReactNode {
  const { tutorials: t, shell } = useWords();
  const id = useParam("tutorial");
  const tutorial = TUTORIALS.find((each) => each.id === id);
  if (tutorial !== undefined) return <Followed key={id} tutorial={tutorial} />;
  return (
    <Page title={t.title} crumbs={[{ text: t.title, href: paths.tutorials }]}>
      <Empty title={shell.notFound} action={<Button href={paths.tutorials}>{t.title}</Button>} />
    </Page>
  );
}

function Followed({ tutorial }: { readonly tutorial: Tutorial }): ReactNode {
  const { tutorials: t } = useWords();
  const search = useSearch();
  const changeSearch = useChangeSearch();
  const names = useProjectNames();
  const project = followed(tutorial, names, search.get("project"));
  const facts = useFacts(project);
  const words = wordsOf(t, tutorial.id);
  const total = tutorial.steps.length;
  const done = facts === undefined ? 0 : doneOf(tutorial, facts);
  return (
    <Page
      title={words.title}
      crumbs={[{ text: t.title, href: paths.tutorials }]}
      description={words.lead}
      help={
        <HelpPanel header={<h2>{t.title}</h2>}>
          <p>{t.help}</p>
        </HelpPanel>
      }
    >
      <SpaceBetween size="l">
        <div className="tutorial-head">
          {tutorial.id === "failed" ? null : (
            <FormField label={t.follows}>
              <Select
                options={names.map((value) => ({ value, label: value }))}
                selectedOption={project === null ? null : { value: project, label: project }}
                placeholder={t.noProject}
                empty={t.noProject}
                filteringType={names.length > 10 ? "auto" : "none"}
                onChange={({ detail }) => changeSearch({ project: detail.selectedOption.value ?? null }, { replace: true })}
                data-testid="tutorial-project"
              />
            </FormField>
          )}
          {tutorial.example === null || tutorial.id === "failed" ? null : <Button href={paths.examples}>{t.example}</Button>}
          <strong className="tutorial-count" data-testid="tutorial-count">
            {done === total ? t.complete : t.progress(done, total)}
          </strong>
        </div>
        {tutorial.steps.some(({ commands }) => commands !== undefined) ? <Box color="text-body-secondary">{t.paste}</Box> : null}
        {facts === undefined ? (
          <Box textAlign="center" padding="xxl">
            <Spinner size="large" />
          </Box>
        ) : (
          <Steps tutorial={tutorial} facts={facts} />
        )}
      </SpaceBetween>
    </Page>
  );
}

function Steps({ tutorial, facts }: { readonly tutorial: Tutorial; readonly facts: Facts }): ReactNode {
  const next = tutorial.steps.findIndex(({ isDone }) => !isDone(facts));
  return (
    <ol className="tutorial-steps">
      {tutorial.steps.map((step, index) => (
        <StepItem key={step.id} tutorial={tutorial} step={step} number={index + 1} facts={facts} isNext={index === next} />
      ))}
    </ol>
  );
}

function StepItem(props: {
  readonly tutorial: Tutorial;
  readonly step: Step;
  readonly number: number;
  readonly facts: Facts;
  readonly isNext: boolean;
}): ReactNode {
  const { tutorials: t } = useWords();
  const { tutorial, step, facts, isNext } = props;
  const words = wordsOf(t, tutorial.id).steps[step.id];
  const isDone = step.isDone(facts);
  const state = isDone ? t.done : isNext ? t.next : t.todo;
  const href = step.href?.(facts);
  return (
    <li className="tutorial-step" data-done={isDone || undefined} data-next={isNext || undefined} data-testid={`step-${step.id}`}>
      <span className="tutorial-tick" aria-hidden="true">
        {isDone ? "✓" : props.number}
      </span>
      <div className="tutorial-body">
        <h2>
          {words?.title}
          <span className="tutorial-state">{state}</span>
        </h2>
        <p>{words?.text}</p>
        {step.commands === undefined ? null : <Commands step={step} facts={facts} />}
        {href === undefined || words?.link === undefined ? null : (
          <Button href={href} variant={isNext ? "primary" : "normal"} data-testid={`go-${step.id}`}>
            {words.link}
          </Button>
        )}
      </div>
    </li>
  );
}

function Commands({ step, facts }: { readonly step: Step; readonly facts: Facts }): ReactNode {
  const { tutorials: t, shell } = useWords();
  const place = placeOf(step, facts);
  if (place === null) return <Alert type="info">{t.needsModel}</Alert>;
  return (
    <SpaceBetween size="s">
      {(step.commands?.(place) ?? []).map((text, index) => (
        <div key={text} className="tutorial-command">
          <span className="tutorial-copy">
            <CopyToClipboard
              variant="icon"
              textToCopy={text}
              copyButtonAriaLabel={t.copy(index + 1)}
              copySuccessText={shell.copied}
              copyErrorText={shell.notCopied}
            />
          </span>
          {/* It scrolls sideways, so it takes the focus. */}
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <pre tabIndex={0} aria-label={t.command(index + 1)} data-testid="command">
            <code>{text}</code>
          </pre>
        </div>
      ))}
    </SpaceBetween>
  );
}

/** What commands name; null until there is a model, where they need one. */
function placeOf(step: Step, facts: Facts): Place | null {
  const { bucket, sample } = facts;
  if (bucket === null) return null;
  const model = modelOf(facts);
  if (step.id !== "break" && (facts.arn === null || model === undefined)) return null;
  return { project: facts.arn ?? "", dataset: facts.datasetArn ?? "", version: model?.arn ?? "", bucket, sample };
}
