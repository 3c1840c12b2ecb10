import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import * as queries from "../api/queries.ts";
import { compareVersions, type EvaluationReport, type Flip } from "../api/versions.ts";
import { useChangeSearch, useSearch } from "../shell/address.ts";
import { ErrorAlert } from "../shell/error-details.tsx";
import { paths } from "../shell/paths.ts";
import { nameOf } from "../shell/s3-uri.ts";
import { useFormat, useWords } from "../words/language.ts";
import "./evaluation.css";

interface Place {
  readonly project: string;
  readonly name: string;
}

/** This version beside another one: figures, labels, and pictures that flipped. */
export function ComparePanel(props: Place & { readonly report: EvaluationReport }): ReactNode {
  const { evaluation: t } = useWords();
  const { project, name, report } = props;
  const search = useSearch();
  const changeSearch = useChangeSearch();
  const arn = useQuery(queries.project(project)).data?.ProjectArn;
  const versions = useQuery({ ...queries.versions(arn ?? ""), enabled: arn !== undefined });
  const others = (versions.data ?? [])
    .filter(({ EvaluationResult }) => EvaluationResult !== undefined)
    .map(({ ProjectVersionArn = "" }) => queries.versionNameOf(ProjectVersionArn))
    .filter((each) => each !== name);
  const other = others.find((each) => each === search.get("with"));
  return (
    <Container
      data-testid="compare"
      header={
        <Header
          variant="h2"
          actions={
            others.length === 0 ? null : (
              <Select
                placeholder={t.chooseVersion}
                ariaLabel={t.compare}
                options={others.map((value) => ({ value, label: value }))}
                selectedOption={other === undefined ? null : { value: other, label: other }}
                onChange={({ detail }) => changeSearch({ with: detail.selectedOption.value ?? null }, { replace: true })}
                data-testid="compare-with"
              />
            )
          }
        >
          {t.compare}
        </Header>
      }
    >
      {others.length === 0 ? <Box color="text-body-secondary">{t.noOthers}</Box> : null}
      {other === undefined ? null : <Compared project={project} name={name} report={report} other={other} />}
    </Container>
  );
}

function Compared(props: Place & { readonly report: EvaluationReport; readonly other: string }): ReactNode {
  const { evaluation: t, shell } = useWords();
  const format = useFormat();
  const { project, name, report, other } = props;
  const before = useQuery(queries.evaluation(project, other));
  const flips = useQuery({
    queryKey: ["compare", project, name, other],
    queryFn: () => compareVersions(project, name, other),
    staleTime: Infinity,
  });
  const old = new Map((before.data?.labels ?? []).map((label) => [label.label, label.f1_score]));
  const rows = [
    { id: t.figures.f1, after: report.f1_score, before: before.data?.f1_score },
    { id: t.figures.precision, after: report.precision, before: before.data?.precision },
    { id: t.figures.recall, after: report.recall, before: before.data?.recall },
    ...report.labels.map(({ label, f1_score }) => ({
      id: `${t.counts.f1}: ${label}`,
      after: f1_score,
      before: old.get(label),
    })),
  ];
  return (
    <SpaceBetween size="m">
      <ErrorAlert error={before.error ?? flips.error} retry={() => void flips.refetch()} />
      <Table
        variant="embedded"
        items={rows}
        trackBy="id"
        loading={before.data === undefined && before.error === null}
        loadingText={shell.loading}
        ariaLabels={{ tableLabel: t.compare }}
        columnDefinitions={[
          { id: "id", header: t.measure, isRowHeader: true, cell: ({ id }) => id },
          { id: "after", header: `${t.this} (${name})`, cell: ({ after }) => format.decimals(after, 3) },
          {
            id: "before",
            header: other,
            cell: (row) => (row.before === undefined ? "-" : format.decimals(row.before, 3)),
          },
          {
            id: "difference",
            header: t.difference,
            cell: (row) => {
              if (row.before === undefined) return "-";
              const difference = row.after - row.before;
              const colour = Math.abs(difference) < 0.0005 ? "inherit" : difference > 0 ? "text-status-success" : "text-status-error";
              return (
                <Box color={colour}>
                  {difference > 0 ? "+" : ""}
                  {format.decimals(difference, 3)}
                </Box>
              );
            },
          },
        ]}
      />
      {flips.data === undefined ? null : (
        <>
          <Box color="text-body-secondary">
            {flips.data.same_test_set ? t.sameSet : t.otherSet(format.number(flips.data.shared_images))}
          </Box>
          <Flips {...props} title={t.fixed(format.number(flips.data.fixed_total))} flips={flips.data.fixed} />
          <Flips {...props} title={t.broken(format.number(flips.data.broken_total))} flips={flips.data.broken} />
        </>
      )}
    </SpaceBetween>
  );
}

function Flips(props: Place & { readonly title: string; readonly flips: readonly Flip[] }): ReactNode {
  const { evaluation: t } = useWords();
  return (
    <div>
      <Box variant="h3">{props.title}</Box>
      {props.flips.length === 0 ? (
        <Box color="text-body-secondary">{t.none}</Box>
      ) : (
        <ul className="flips">
          {props.flips.map(({ source_ref }) => (
            <li key={source_ref}>
              <Link href={`${paths.performance(props.project, props.name)}?name=${encodeURIComponent(source_ref)}`}>
                {nameOf(source_ref)}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
