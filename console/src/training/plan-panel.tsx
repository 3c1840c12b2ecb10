import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";
import { paths } from "../shell/paths.ts";
import { useFormat, useWords } from "../words/language.ts";
import type { Contents, Plan, Problem } from "./plan.ts";
import "./training.css";

/** What a training would learn from, and what it would make of it. */
export function PlanPanel(props: {
  readonly project: string;
  readonly plan: Plan;
  readonly training: Contents | null;
  readonly test: Contents | null;
}): ReactNode {
  const { training: t } = useWords();
  const format = useFormat();
  const contents = (kind: "train" | "test", given: Contents): ReactNode => (
    <Link href={paths.gallery(props.project, kind)}>
      {t.contents(
        format.number(given.row.images),
        format.number(given.labels.filter(({ images }) => images > 0).length),
      )}
    </Link>
  );
  const split = (
    <>
      {t.split}
      <Box variant="small" display="block">
        {t.splitDetail}
      </Box>
    </>
  );
  return (
    <Container header={<Header variant="h2">{t.will}</Header>} data-testid="train-plan">
      <KeyValuePairs
        columns={3}
        items={[
          { label: t.kind, value: props.plan.kind === null ? t.noKind : t.kinds[props.plan.kind] },
          {
            label: t.trainingDataset,
            value: props.training === null ? t.none : contents("train", props.training),
          },
          { label: t.testDataset, value: props.test === null ? split : contents("test", props.test) },
        ]}
      />
    </Container>
  );
}

function Problems(props: { readonly project: string; readonly problems: readonly Problem[] }): ReactNode {
  const { training: t } = useWords();
  const linkOf = ({ code, dataset, search }: Problem): string =>
    code === "noTraining"
      ? paths.createDataset(props.project, "train")
      : `${paths.gallery(props.project, dataset)}${search}`;
  return (
    <ul className="train-problems">
      {props.problems.map((problem) => (
        <li key={`${problem.code}/${problem.dataset}`} data-testid={`problem-${problem.code}`}>
          <strong>{t.inDataset[problem.dataset]}:</strong> {t.problem[problem.code](problem.count)}{" "}
          <Link href={linkOf(problem)} ariaLabel={`${t.show}: ${t.problem[problem.code](problem.count)}`}>
            {t.show}
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** What stands in the way, and what would make the model worse. */
export function PlanProblems(props: { readonly project: string; readonly plan: Plan }): ReactNode {
  const { training: t } = useWords();
  const { project, plan } = props;
  const health = <Link href={paths.health(project)}>{t.checkHealth}</Link>;
  return (
    <SpaceBetween size="s">
      {plan.blockers.length === 0 ? null : (
        <Alert type="error" header={t.blocked}>
          <Problems project={project} problems={plan.blockers} />
        </Alert>
      )}
      {plan.warnings.length === 0 ? null : (
        <Alert type="warning" header={plan.blockers.length === 0 ? t.warnings : t.problems}>
          <Problems project={project} problems={plan.warnings} />
          {health}
        </Alert>
      )}
      {plan.blockers.length + plan.warnings.length > 0 ? null : (
        <Alert type="success" header={t.fine}>
          {t.fineDetail} {health}
        </Alert>
      )}
    </SpaceBetween>
  );
}
