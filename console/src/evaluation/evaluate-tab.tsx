import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import * as queries from "../api/queries.ts";
import type { ProjectVersionDescription } from "../api/rekognition.ts";
import { ErrorAlert } from "../shell/error-details.tsx";
import { AdvicePanel } from "./advice-panel.tsx";
import { ComparePanel } from "./compare-panel.tsx";
import { ConfusionPanel } from "./confusion-panel.tsx";
import { Figures } from "./figures-panel.tsx";
import { LabelTable } from "./label-table.tsx";
import { RobustnessPanel } from "./robustness-panel.tsx";
import { ThresholdPanel } from "./threshold-panel.tsx";

/** How good a version is on the test pictures (S15, Evaluate). */
export function EvaluateTab(props: {
  readonly project: string;
  readonly name: string;
  readonly version: ProjectVersionDescription;
}): ReactNode {
  const { project, name, version } = props;
  const { data: report, error, refetch } = useQuery(queries.evaluation(project, name));
  if (error !== null) return <ErrorAlert error={error} retry={() => void refetch()} />;
  if (report === undefined) {
    return (
      <Box textAlign="center" padding="xxl">
        <Spinner size="large" />
      </Box>
    );
  }
  return (
    <SpaceBetween size="l">
      <Figures project={project} name={name} report={report} version={version} />
      <LabelTable project={project} name={name} labels={report.labels} />
      <AdvicePanel project={project} name={name} />
      <ConfusionPanel project={project} name={name} report={report} />
      <ThresholdPanel project={project} name={name} report={report} />
      {report.robustness ? <RobustnessPanel robustness={report.robustness} /> : null}
      <ComparePanel project={project} name={name} report={report} />
    </SpaceBetween>
  );
}
