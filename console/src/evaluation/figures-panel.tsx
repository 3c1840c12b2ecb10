import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import * as queries from "../api/queries.ts";
import type { ProjectVersionDescription } from "../api/rekognition.ts";
import type { EvaluationReport, Variant, VariantFigures, Variants } from "../api/versions.ts";
import { useFormat, useWords } from "../words/language.ts";
import "./evaluation.css";

/** The six figures of AWS, and mAP, which its console leaves out. */
export function Figures(props: {
  readonly project: string;
  readonly name: string;
  readonly report: EvaluationReport;
  readonly version: ProjectVersionDescription;
}): ReactNode {
  const { evaluation, training } = useWords();
  const t = evaluation.figures;
  const format = useFormat();
  const { report, version } = props;
  const { data: variants } = useQuery(queries.variants(props.project, props.name));
  const serving = variants?.variants.find((each) => each.is_served);
  const big = (value: number): ReactNode => <span className="figure">{format.decimals(value, 3)}</span>;
  const seconds = version.BillableTrainingTimeInSeconds;
  const labels = format.number(report.labels.length);
  const completed = (
    <>
      {format.date(version.TrainingEndTimestamp ?? report.evaluated)}
      {seconds === undefined ? null : (
        <Box variant="small" display="block">
          {t.trained(training.duration(seconds))}
        </Box>
      )}
    </>
  );
  const detection =
    report.detection === null
      ? []
      : [
          { label: t.map, value: format.decimals(report.average_precision, 3) },
          { label: t.mapStrict, value: format.decimals(report.detection.average_precision_50_95, 3) },
        ];
  const fresh = report.new_pictures;
  const expected = !fresh
    ? []
    : [
        {
          label: t.newPictures,
          value: (
            <>
              {format.decimals(fresh.f1_score, 3)}
              <Box variant="small" display="block">
                {t.interval(format.decimals(fresh.low, 2), format.decimals(fresh.high, 2))}
              </Box>
            </>
          ),
        },
      ];
  return (
    <Container header={<Header variant="h2">{evaluation.results}</Header>} data-testid="figures">
      <SpaceBetween size="l">
        <KeyValuePairs
          columns={3}
          items={[
            { label: t.f1, value: big(report.f1_score) },
            { label: t.precision, value: big(report.precision) },
            { label: t.recall, value: big(report.recall) },
            { label: t.completed, value: completed },
            { label: t.training, value: t.contents(labels, format.number(report.training_images)) },
            { label: t.test, value: t.contents(labels, format.number(report.testing_images)) },
            ...expected,
            ...detection,
            ...(variants === undefined || serving === undefined
              ? []
              : [{ label: t.serves, value: <Served serving={serving} served={variants.served} /> }]),
            ...(serving === undefined || serving.precision === "float32"
              ? []
              : [{ label: t.against, value: <Against cost={serving.cost} /> }]),
          ]}
        />
      </SpaceBetween>
    </Container>
  );
}

const USUAL_RUNTIME = "onnxruntime";

/** Precision and runtime that answer, and their speed. */
function Served(props: { readonly serving: VariantFigures; readonly served: Variants["served"] }): ReactNode {
  const { figures: t } = useWords().evaluation;
  const format = useFormat();
  const { serving, served } = props;
  const isRunning = served?.precision === serving.precision && served.runtime === serving.runtime;
  const milliseconds = format.decimals(1e3 * (isRunning ? served.seconds : serving.seconds), 1);
  return (
    <>
      {named(serving)}
      <Box variant="small" display="block">
        {isRunning ? t.speedServed(milliseconds) : t.speedTrained(milliseconds)}
      </Box>
      {(served?.dropped ?? []).map((each) => (
        <Box key={named(each)} variant="small" display="block" color="text-status-error">
          {t.dropped(named(each), each.reason)}
        </Box>
      ))}
    </>
  );
}

/** What a precision costs. */
function Against(props: { readonly cost: VariantFigures["cost"] }): ReactNode {
  const { figures: t } = useWords().evaluation;
  const format = useFormat();
  // What it gains, so that a loss has a minus.
  const points = (cost: number): string => {
    const text = format.decimals(Math.abs(100 * cost), 1);
    return text === "0.0" ? text : `${cost > 0 ? "−" : "+"}${text}`;
  };
  return (
    <>
      {t.f1Points(points(props.cost.f1_score))}
      <Box variant="small" display="block">
        {t.precisionPoints(points(props.cost.average_precision))}
      </Box>
    </>
  );
}

const named = (variant: Pick<Variant, "precision" | "runtime">): string =>
  variant.runtime === USUAL_RUNTIME ? variant.precision : `${variant.precision}, ${variant.runtime}`;
