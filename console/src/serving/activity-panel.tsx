import BarChart from "@cloudscape-design/components/bar-chart";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { type Activity, readActivity, readUsage } from "../api/versions.ts";
import { ErrorAlert } from "../shell/error-details.tsx";
import { useFormat, useLanguage, useWords } from "../words/language.ts";
import { filled, type Point, recent, unitHours } from "./activity.ts";
import "./serving.css";

interface Version {
  readonly project: string;
  readonly name: string;
}

const LIVE_MINUTES = 5;
const LIVE_MS = 3_000;
const REFRESH_MS = 10_000;
const SPANS = [6, 24, 336, 2160];

/** Requests and latency of the last minutes, while the model runs. */
export function LiveRequests({ project, name }: Version): ReactNode {
  const { serving } = useWords();
  const t = serving.activity;
  const format = useFormat();
  const { data } = useQuery({
    queryKey: ["activity", project, name, "live"],
    queryFn: () => readActivity(project, name, 1),
    refetchInterval: LIVE_MS,
    retry: false,
  });
  if (data === undefined) return null;
  const { perMinute, requests, refused, meanMs, maxMs } = recent(data, LIVE_MINUTES);
  const ms = (value: number | null): string => (value === null ? t.noRequests : t.milliseconds(format.decimals(value, 1)));
  return (
    <div data-testid="live-requests">
      <KeyValuePairs
        columns={3}
        items={[
          { label: t.perMinute, value: t.rate(format.decimals(perMinute, 1), format.number(requests)) },
          { label: t.latency, value: meanMs === null ? ms(null) : t.meanAndMax(ms(meanMs), ms(maxMs)) },
          { label: t.refused, value: format.number(refused) },
        ]}
      />
    </div>
  );
}

/** Hours and unit-hours, requests and latency over a span that can be chosen. */
export function ActivityPanel({ project, name }: Version): ReactNode {
  const { serving } = useWords();
  const t = serving.activity;
  const format = useFormat();
  const [hours, setHours] = useState(24);
  const usage = useQuery({ queryKey: ["usage", project], queryFn: () => readUsage(project), refetchInterval: REFRESH_MS });
  const { data, error } = useQuery({
    queryKey: ["activity", project, name, hours],
    queryFn: () => readActivity(project, name, hours),
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
  });
  const mine = usage.data?.find(({ version }) => version === name);
  return (
    <Container
      data-testid="activity"
      header={
        <Header
          variant="h2"
          description={serving.usageHint}
          actions={
            <SegmentedControl
              label={t.span}
              selectedId={String(hours)}
              options={SPANS.map((span) => ({ id: String(span), text: t.spans[span] ?? "" }))}
              onChange={({ detail }) => setHours(Number(detail.selectedId))}
            />
          }
        >
          {serving.usage}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <ErrorAlert error={usage.error ?? error} />
        {usage.data === undefined ? null : mine === undefined ? (
          <Box color="text-body-secondary">{serving.neverRan}</Box>
        ) : (
          <KeyValuePairs
            columns={3}
            items={[
              { label: serving.hours, value: format.number(mine.hours) },
              { label: serving.unitHours, value: format.decimals(mine.unit_hours, 1) },
              { label: serving.minutes, value: format.number(mine.minutes) },
            ]}
          />
        )}
        {data === undefined || data.periods.length === 0 ? (
          <Box color="text-body-secondary">{data === undefined ? "" : t.quiet}</Box>
        ) : (
          <Charts activity={data} hours={hours} />
        )}
      </SpaceBetween>
    </Container>
  );
}

function Charts({ activity, hours }: { readonly activity: Activity; readonly hours: number }): ReactNode {
  const { serving } = useWords();
  const t = serving.activity;
  const language = useLanguage();
  const format = useFormat();
  const isShort = hours <= 24;
  const tick = new Intl.DateTimeFormat(
    language,
    isShort ? { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } : { month: "short", day: "numeric" },
  );
  const units = filled(activity, hours, unitHours(activity));
  const requests = filled(activity, hours, (period) => period.requests);
  const refused = filled(activity, hours, (period) => period.throttled + period.errors);
  const latency = filled(activity, hours, ({ mean_ms }) => mean_ms ?? 0);
  const whole = (value: number): string => (Number.isInteger(value) ? format.number(value) : format.decimals(value, 2));
  const shared = {
    height: 180,
    hideFilter: true,
    hideLegend: true,
    xTickFormatter: (x: Date) => tick.format(x),
  };
  const bars = (title: string, series: readonly { readonly title: string; readonly points: readonly Point[] }[]) => (
    <div>
      <Box variant="h3" padding={{ bottom: "xs" }}>
        {title}
      </Box>
      {/* Bars without a height would be an empty frame. */}
      {series.every(({ points }) => points.every(({ y }) => y === 0)) ? (
        <Box color="text-body-secondary">{t.noneThen}</Box>
      ) : (
        <BarChart<Date>
          {...shared}
          hideLegend={series.length < 2}
          stackedBars
          ariaLabel={title}
          xScaleType="categorical"
          xDomain={units.map(({ x }) => x)}
          yTickFormatter={whole}
          series={series.map(({ title: of, points }) => ({
            type: "bar" as const,
            title: of,
            data: [...points],
            valueFormatter: whole,
          }))}
        />
      )}
    </div>
  );
  return (
    <div className="activity-charts">
      {bars(t.unitHours, [{ title: serving.unitHours, points: units }])}
      {bars(t.requests, [
        { title: t.answered, points: requests },
        { title: t.refused, points: refused },
      ])}
      {bars(t.latency, [{ title: t.meanOf, points: latency }])}
    </div>
  );
}
