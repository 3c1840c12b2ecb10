import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import LineChart from "@cloudscape-design/components/line-chart";
import Select from "@cloudscape-design/components/select";
import Slider from "@cloudscape-design/components/slider";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import * as queries from "../api/queries.ts";
import type { Curve, EvaluationReport } from "../api/versions.ts";
import { type Format, useFormat, useWords } from "../words/language.ts";
import { OwnThresholds } from "./own-thresholds.tsx";
import { chosenThresholds, type Counts, countsOf, countsOfAll, fractionOf, percentText } from "./threshold.ts";
import "./evaluation.css";

const ALL = "";

/** Curves of a label, and what its test results are at any threshold. */
export function ThresholdPanel(props: {
  readonly project: string;
  readonly name: string;
  readonly report: EvaluationReport;
}): ReactNode {
  const { evaluation: t, shell } = useWords();
  const format = useFormat();
  const { project, name: version, report } = props;
  const { mean_curve } = report;
  const { data: thresholds } = useQuery(queries.thresholds(project, version));
  const [name, setName] = useState(ALL);
  /** In percent, by label; missing: what is stored, else the assumed threshold. */
  const [typed, setTyped] = useState<ReadonlyMap<string, string>>(new Map());
  const type = (text: string | null): void => {
    const next = new Map(typed);
    if (text === null) next.delete(name);
    else next.set(name, text);
    setTyped(next);
  };
  const own = new Map((thresholds?.labels ?? []).map((each) => [each.label, each.own]));
  const chosen = chosenThresholds(typed, report.labels.map(({ label }) => label));
  /** Each label at the threshold that is chosen for it, stored, or assumed. */
  const labels = report.labels.map((each) => ({
    ...each,
    threshold: chosen.get(each.label) ?? own.get(each.label) ?? each.threshold,
  }));
  const text = typed.get(name);
  const isNumber = fractionOf(text) !== null;
  const label = labels.find((each) => each.label === name);
  const assumed = report.labels.find((each) => each.label === name)?.threshold ?? null;
  const threshold = label?.threshold ?? fractionOf(text);
  const counts = label === undefined ? countsOfAll(labels, null) : countsOf(label, label.threshold);
  const value = percentText(threshold ?? 0.5);
  const options = [ALL, ...labels.map((each) => each.label)].map((each) => ({
    value: each,
    label: each === ALL ? t.all : each,
  }));
  return (
    <Container header={<Header variant="h2" description={t.thresholdHelp}>{t.threshold}</Header>} data-testid="threshold">
      <SpaceBetween size="l">
        <div className="threshold-controls">
          <FormField label={t.label}>
            <Select
              options={options}
              selectedOption={options.find((each) => each.value === name) ?? null}
              filteringType={labels.length > 10 ? "auto" : "none"}
              onChange={({ detail }) => {
                setName(detail.selectedOption.value ?? ALL);
              }}
              data-testid="threshold-label"
            />
          </FormField>
          <Slider
            value={Math.round(100 * (threshold ?? 0.5))}
            min={0}
            max={100}
            step={1}
            hideFillLine
            ariaLabel={t.threshold}
            valueFormatter={(percent) => `${percent} %`}
            onChange={({ detail }) => type(String(detail.value))}
          />
          <FormField label={t.percent}>
            <Input
              type="number"
              inputMode="decimal"
              step={0.1}
              value={text ?? (threshold === null ? "" : value)}
              invalid={text !== undefined && !isNumber}
              onChange={({ detail }) => type(detail.value)}
              data-testid="threshold-percent"
            />
          </FormField>
        </div>
        <Figures counts={counts} format={format} />
        <div className="threshold-actions">
          {threshold === null ? (
            <Box color="text-body-secondary">{t.assumedEach}</Box>
          ) : (
            <CopyToClipboard
              copyButtonText={t.copy}
              textToCopy={value}
              copySuccessText={shell.copied}
              copyErrorText={shell.notCopied}
            />
          )}
          {assumed === null || assumed === threshold ? null : (
            <Button
              variant="inline-link"
              onClick={() => type((own.get(name) ?? null) === null && !typed.has(ALL) ? null : percentText(assumed))}
              data-testid="threshold-back"
            >
              {t.back(percentText(assumed))}
            </Button>
          )}
        </div>
        {thresholds === undefined ? null : (
          <OwnThresholds
            {...{ project, name: version, thresholds, chosen }}
            onStored={() => setTyped(new Map())}
          />
        )}
        <Curves curve={label?.curve ?? mean_curve} threshold={threshold} recall={counts.recall} format={format} />
      </SpaceBetween>
    </Container>
  );
}

function Figures({ counts, format }: { readonly counts: Counts; readonly format: Format }): ReactNode {
  const t = useWords().evaluation.counts;
  return (
    <div data-testid="threshold-counts" aria-live="polite">
      <KeyValuePairs
        columns={3}
        items={[
          { label: t.precision, value: format.decimals(counts.precision, 3) },
          { label: t.recall, value: format.decimals(counts.recall, 3) },
          { label: t.f1, value: format.decimals(counts.f1, 3) },
          { label: t.truePositives, value: format.number(counts.truePositives) },
          { label: t.falsePositives, value: format.number(counts.falsePositives) },
          { label: t.falseNegatives, value: format.number(counts.falseNegatives) },
        ]}
      />
    </div>
  );
}

function Curves(props: {
  readonly curve: Curve;
  readonly threshold: number | null;
  readonly recall: number;
  readonly format: Format;
}): ReactNode {
  const { evaluation: t } = useWords();
  const { curve, threshold, format } = props;
  if (curve.thresholds.length === 0) return <Box color="text-body-secondary">{t.noCurve}</Box>;
  const line = (title: string, values: readonly number[]) => ({
    type: "line" as const,
    title,
    data: curve.thresholds.map((x, i) => ({ x: 100 * x, y: values[i] ?? 0 })),
    valueFormatter: (y: number) => format.decimals(y, 3),
  });
  const shared = {
    height: 240,
    hideFilter: true,
    xScaleType: "linear",
    yScaleType: "linear",
    yDomain: [0, 1],
    yTickFormatter: (y: number) => format.decimals(y, 1),
  } as const;
  const marked = threshold === null ? [] : [{ type: "threshold" as const, title: t.chosen, x: 100 * threshold }];
  return (
    <div className="threshold-charts">
      <div>
        <Box variant="h3">{t.byThreshold}</Box>
        <LineChart<number>
          {...shared}
          ariaLabel={t.byThreshold}
          xDomain={[0, 100]}
          xTitle={t.axes.threshold}
          xTickFormatter={(x) => format.number(Math.round(x))}
          series={[
            line(t.counts.precision, curve.precision),
            line(t.counts.recall, curve.recall),
            line(t.counts.f1, curve.f1_score),
            ...marked,
          ]}
        />
      </div>
      <div>
        <Box variant="h3">{t.precisionRecall}</Box>
        <LineChart<number>
          {...shared}
          ariaLabel={t.precisionRecall}
          xDomain={[0, 1]}
          xTitle={t.axes.recall}
          yTitle={t.axes.precision}
          xTickFormatter={(x) => format.decimals(x, 1)}
          series={[
            {
              type: "line",
              title: t.axes.precision,
              data: curve.recall.map((x, i) => ({ x, y: curve.precision[i] ?? 0 })).toReversed(),
              valueFormatter: (y: number) => format.decimals(y, 3),
            },
            ...(threshold === null ? [] : [{ type: "threshold" as const, title: t.chosen, x: props.recall }]),
          ]}
        />
      </div>
    </div>
  );
}
