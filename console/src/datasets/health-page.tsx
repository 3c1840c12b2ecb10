import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import HelpPanel from "@cloudscape-design/components/help-panel";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Fragment, type ReactNode, useState } from "react";
import {
  checkHealth,
  type DatasetKind,
  type Health,
  type HealthFinding,
  type HealthItem,
  pictureUrl,
  readHealth,
} from "../api/lensmith.ts";
import { useParam } from "../shell/address.ts";
import { ErrorAlert } from "../shell/error-details.tsx";
import { Empty, Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { nameOf, parseS3Uri } from "../shell/s3-uri.ts";
import { useFormat, useWords } from "../words/language.ts";
import "./health.css";

const POLL_MS = 1_000;
const SHOWN = 24;
const SEVERITIES = ["error", "warning", "note"] as const;
/** Of these, the other picture is one of the training dataset. */
const LEAKS = new Set(["leaked-images", "nearly-leaked-images"]);
const SIGNS = { error: "error", warning: "warning", note: "info" } as const;

/** The addresses of the API say TRAIN and TEST. */
const kindOf = (dataset: string): DatasetKind => (dataset.toLowerCase() === "test" ? "test" : "train");

/** Codes break after their underscores, not within words. */
function Detail({ parts }: { readonly parts: readonly (string | null | undefined)[] }): ReactNode {
  const pieces = parts.filter(Boolean).join(" · ").split("_");
  return (
    <span className="finding-detail">
      {pieces.map((piece, i) => (
        // Pieces never move.
        // oxlint-disable-next-line react/no-array-index-key
        <Fragment key={i}>
          {i === 0 ? null : (
            <>
              _<wbr />
            </>
          )}
          {piece}
        </Fragment>
      ))}
    </span>
  );
}

const inLabelling = (project: string, kind: DatasetKind, ref: string): string =>
  `${paths.label(project, kind)}?image=${encodeURIComponent(ref)}`;

function Picture(props: {
  readonly project: string;
  readonly item: HealthItem;
  readonly otherKind: DatasetKind;
}): ReactNode {
  const { health: t, datasets } = useWords();
  const [hasFailed, setFailed] = useState(false);
  const { project, item, otherKind } = props;
  const ref = item.source_ref ?? "";
  const place = parseS3Uri(ref);
  const kind = kindOf(item.dataset);
  return (
    <li className="finding-picture">
      <a href={inLabelling(project, kind, ref)} aria-label={`${t.open}: ${nameOf(ref)}`}>
        {place === null || hasFailed ? (
          <span className="finding-missing" />
        ) : (
          <img
            src={pictureUrl(place, 160)}
            alt=""
            loading="lazy"
            decoding="async"
            onError={() => setFailed(true)}
          />
        )}
        <span className="finding-name">{nameOf(ref)}</span>
      </a>
      <Detail parts={[datasets.types[kind], item.label, item.detail]} />
      {item.related.map((other) => (
        <a key={other} className="finding-other" href={inLabelling(project, otherKind, other)}>
          {t.other(nameOf(other))}
        </a>
      ))}
    </li>
  );
}

function LabelItem(props: { readonly project: string; readonly item: HealthItem }): ReactNode {
  const { datasets } = useWords();
  const { project, item } = props;
  const kind = kindOf(item.dataset);
  const label = item.label ?? "";
  return (
    <li>
      <a href={`${paths.gallery(project, kind)}&label=${encodeURIComponent(label)}`}>{label}</a>{" "}
      <Detail parts={[datasets.types[kind], item.detail]} />
    </li>
  );
}

function Finding(props: { readonly project: string; readonly finding: HealthFinding }): ReactNode {
  const { health: t } = useWords();
  const format = useFormat();
  const [isWhole, setWhole] = useState(false);
  const { project, finding } = props;
  const [title, advice] = t.kinds[finding.kind] ?? [finding.kind, finding.advice];
  const unit = t.units[finding.unit]?.[finding.count === 1 ? 0 : 1] ?? finding.unit;
  const shown = isWhole ? finding.items : finding.items.slice(0, SHOWN);
  const pictures = shown.filter((item) => item.source_ref !== null);
  const labels = shown.filter((item) => item.source_ref === null && item.label !== null);
  return (
    <Container
      data-testid={`finding-${finding.kind}`}
      header={
        <Header variant="h3" description={advice}>
          <StatusIndicator type={SIGNS[finding.severity]} colorOverride={finding.severity === "note" ? "blue" : undefined}>
            {title}
          </StatusIndicator>{" "}
          <Box variant="span" color="text-body-secondary" fontWeight="normal">
            {t.count(format.number(finding.count), unit)}
          </Box>
        </Header>
      }
    >
      {labels.length === 0 ? null : (
        <ul className="finding-labels">
          {labels.map((item) => (
            <LabelItem key={`${item.dataset}/${item.label}`} project={project} item={item} />
          ))}
        </ul>
      )}
      {pictures.length === 0 ? null : (
        <ul className="finding-pictures">
          {pictures.map((item, i) => (
            <Picture
              key={`${item.source_ref}/${i}`}
              project={project}
              item={item}
              otherKind={LEAKS.has(finding.kind) ? "train" : kindOf(item.dataset)}
            />
          ))}
        </ul>
      )}
      {finding.items.length > shown.length ? (
        <Button variant="inline-link" onClick={() => setWhole(true)}>
          {t.first(format.number(shown.length))}
        </Button>
      ) : null}
    </Container>
  );
}

function Report(props: { readonly project: string; readonly health: Health }): ReactNode {
  const { health: t } = useWords();
  const format = useFormat();
  const { project, health } = props;
  const { report } = health;
  if (report === null) return null;
  const has = (severity: string): readonly HealthFinding[] =>
    report.findings.filter((finding) => finding.severity === severity);
  const when = format.date(report.checked_ms / 1000);
  return (
    <SpaceBetween size="l">
      {health.is_current ? null : <Alert type="warning">{t.stale}</Alert>}
      {report.findings.length === 0 ? (
        <Alert type="success" header={t.good}>
          {t.goodDetail} {t.checked(when)}
        </Alert>
      ) : (
        <Box color="text-body-secondary">{t.checked(when)}</Box>
      )}
      {SEVERITIES.filter((severity) => has(severity).length > 0).map((severity) => (
        <ExpandableSection
          key={severity}
          variant="stacked"
          defaultExpanded={severity !== "note"}
          headerText={t.severities[severity]}
          headerCounter={`(${has(severity).length})`}
        >
          <SpaceBetween size="m">
            {has(severity).map((finding) => (
              <Finding key={finding.kind} project={project} finding={finding} />
            ))}
          </SpaceBetween>
        </ExpandableSection>
      ))}
    </SpaceBetween>
  );
}

/** What would spoil the model, with the pictures named. */
export function HealthPage(): ReactNode {
  const { health: t, projects } = useWords();
  const project = useParam("project");
  const client = useQueryClient();
  const queryKey = ["health", project];
  const health = useQuery({
    queryKey,
    queryFn: () => readHealth(project),
    refetchInterval: ({ state }) =>
      state.data?.status === "running" || state.data?.status === "queued" ? POLL_MS : false,
  });
  const check = useMutation({
    mutationFn: () => checkHealth(project),
    onSuccess: (data) => client.setQueryData(queryKey, data),
  });
  const { data } = health;
  const isRunning = data?.status === "running" || data?.status === "queued";
  const button = (
    <Button
      variant="primary"
      loading={check.isPending || isRunning}
      onClick={() => check.mutate()}
      data-testid="check-health"
    >
      {data?.report ? t.checkAgain : t.check}
    </Button>
  );
  return (
    <Page
      title={t.title}
      crumbs={[
        { text: projects.title, href: paths.projects },
        { text: project, href: paths.project(project) },
      ]}
      help={
        <HelpPanel header={<h2>{t.title}</h2>}>
          <p>{t.help}</p>
        </HelpPanel>
      }
      actions={button}
    >
      <SpaceBetween size="l">
        <ErrorAlert error={health.error ?? check.error} retry={() => void health.refetch()} />
        {data === undefined && health.error === null ? <Spinner size="large" /> : null}
        {isRunning ? (
          <ProgressBar
            label={t.running}
            value={data?.progress ? (100 * data.progress.step) / Math.max(data.progress.steps, 1) : 0}
            description={t.phases[data?.progress?.phase ?? ""] ?? ""}
          />
        ) : null}
        {data?.status === "failed" ? (
          <Alert type="error" header={t.failed}>
            {data.error}
          </Alert>
        ) : null}
        {data !== undefined && data.report === null && !isRunning ? (
          <Empty title={t.never} detail={t.neverDetail} action={button} />
        ) : null}
        {data === undefined ? null : <Report project={project} health={data} />}
      </SpaceBetween>
    </Page>
  );
}
