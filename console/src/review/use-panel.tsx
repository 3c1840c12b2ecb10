/** Puts verified pictures into datasets, for the next version. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { ReviewOutput, ReviewReport } from "../api/reviews.ts";
import { useGo } from "../shell/address.ts";
import { ErrorAlert } from "../shell/error-details.tsx";
import { notify } from "../shell/notices.ts";
import { paths } from "../shell/paths.ts";
import { nameProblem } from "../shell/project-name.ts";
import { isAboutName, ProjectNameField } from "../shell/project-name-field.tsx";
import { useWords } from "../words/language.ts";
import { addLines, createProjectWith, readLines } from "./add-lines.ts";
import { divided, testWarning } from "./review-facts.ts";

const TARGETS = ["train", "split", "test", "project"] as const;
type Target = (typeof TARGETS)[number];

/** Pictures of a dataset stay in it; others may go to either dataset. */
function targetsOf({ review: { source } }: ReviewReport): readonly Target[] {
  if (source.kind !== "dataset") return ["train", "split", "project"];
  return [source.type, "project"];
}

export function UsePanel({ report, output }: { readonly report: ReviewReport; readonly output: ReviewOutput }): ReactNode {
  const { review: t } = useWords();
  const go = useGo();
  const client = useQueryClient();
  const { review } = report;
  const targets = targetsOf(report);
  const [chosen, setTarget] = useState<Target>(targets[0] ?? "train");
  const [percent, setPercent] = useState("20");
  const [name, setName] = useState("");
  const [sent, setSent] = useState<string>();
  const part = Math.min(90, Math.max(1, Number(percent) || 20));
  const isTesting = chosen === "split" || chosen === "test";
  const warning = testWarning(report.test_data, isTesting);
  const add = useMutation({
    mutationFn: async () => {
      if (chosen === "project") {
        await createProjectWith(name, output.manifest);
        return [];
      }
      const lines = await readLines(output.manifest);
      const parts =
        chosen === "split" ? divided(lines, part) : { train: chosen === "train" ? lines : [], test: chosen === "test" ? lines : [] };
      for (const kind of ["train", "test"] as const) await addLines(review.project, kind, parts[kind]);
      return (["train", "test"] as const).flatMap((kind) => (parts[kind].length > 0 ? [{ kind, count: parts[kind].length }] : []));
    },
    onSuccess: async (added) => {
      for (const { kind, count } of added) {
        notify({ type: "success", id: `added-${kind}`, content: t.added(count, t.datasetNames[kind]) });
      }
      await client.invalidateQueries({
        predicate: ({ queryKey: [first] }) => first === "reviews" || first === "datasets" || first === "dataset" || first === "projects",
      });
      if (chosen === "project") go(paths.gallery(name));
    },
  });
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <Button href={paths.train(review.project)} variant={add.isSuccess ? "primary" : "normal"} data-testid="train-next">
              {t.trainNext}
            </Button>
          }
        >
          {t.use}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <ErrorAlert error={chosen === "project" && isAboutName(add.error) ? null : add.error} title={t.addFailed} />
        <FormField label={t.addTo}>
          <RadioGroup
            value={chosen}
            items={targets.map((value) => ({ value, label: t.adds[value].name, description: t.adds[value].text }))}
            onChange={({ detail }) => setTarget(targets.find((each) => each === detail.value) ?? "train")}
          />
        </FormField>
        {chosen === "split" ? (
          <FormField label={t.part}>
            <div className="review-number">
              <Input type="number" ariaLabel={t.part} value={percent} onChange={({ detail }) => setPercent(detail.value)} />
              <span>%</span>
            </div>
          </FormField>
        ) : null}
        {chosen === "project" ? (
          <ProjectNameField value={name} onChange={setName} error={add.error} errorName={sent} isChecked={sent === name} />
        ) : null}
        {warning === "only" ? (
          <Alert type="warning" header={t.warnTitle} data-testid="test-warning">
            {t.warnOnly}
          </Alert>
        ) : null}
        <Button
          loading={add.isPending}
          loadingText={t.adding}
          disabled={chosen === "project" && name === ""}
          onClick={() => {
            setSent(name);
            if (chosen !== "project" || nameProblem(name) === null) add.mutate();
          }}
          data-testid="add-lines"
        >
          {t.add}
        </Button>
      </SpaceBetween>
    </Container>
  );
}
