import Box from "@cloudscape-design/components/box";
import LineChart from "@cloudscape-design/components/line-chart";
import type { ReactNode } from "react";
import type { TrainingPoint } from "../api/versions.ts";
import { phaseName } from "../shell/training-bar.tsx";
import { useFormat, useWords } from "../words/language.ts";
import { curves } from "./curves.ts";
import "./training.css";

/** Loss and score of a training over its time; a line for each phase. */
export function TrainingCharts(props: {
  readonly history: readonly TrainingPoint[];
  readonly empty: string;
}): ReactNode {
  const { training: t } = useWords();
  const format = useFormat();
  const loss = curves(props.history, "loss");
  const metric = curves(props.history, "metric");
  if (loss.length + metric.length === 0) return <Box color="text-body-secondary">{props.empty}</Box>;
  const chart = (title: string, detail: string, lines: typeof loss): ReactNode =>
    lines.length === 0 ? null : (
      <div>
        <Box variant="h3">{title}</Box>
        <Box variant="small">{detail}</Box>
        <LineChart
          height={220}
          hideFilter
          ariaLabel={title}
          xScaleType="linear"
          yScaleType="linear"
          xTitle={t.seconds}
          yTitle={title}
          xTickFormatter={(x) => format.number(x)}
          yTickFormatter={(y) => format.decimals(y, 2)}
          series={lines.map((line) => ({
            type: "line" as const,
            title: phaseName(line, t, format),
            data: line.points,
            valueFormatter: (y: number) => format.decimals(y, 3),
          }))}
        />
      </div>
    );
  return (
    <div className="training-charts">
      {chart(t.loss, t.lossDetail, loss)}
      {chart(t.metric, t.metricDetail, metric)}
    </div>
  );
}
