import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";
import type { ProjectVersionDescription } from "../api/rekognition.ts";
import type { EvaluationReport } from "../api/versions.ts";
import { useFormat, useWords } from "../words/language.ts";
import "./evaluation.css";

/** The six figures of AWS, and mAP, which its console leaves out. */
export function Figures(props: {
  readonly report: EvaluationReport;
  readonly version: ProjectVersionDescription;
}): ReactNode {
  const { evaluation, training } = useWords();
  const t = evaluation.figures;
  const format = useFormat();
  const { report, version } = props;
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
          ]}
        />
      </SpaceBetween>
    </Container>
  );
}
