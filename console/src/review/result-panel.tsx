/** What a review came to: agreement by label, the manifest, and what to do with it. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { readObject } from "../api/lensmith.ts";
import * as queries from "../api/queries.ts";
import { type LabelAgreement, type Review, type ReviewOutput, type ReviewReport, writeReview } from "../api/reviews.ts";
import { ErrorAlert } from "../shell/error-details.tsx";
import { Empty } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { saveFile } from "../shell/save-file.ts";
import { WideTable } from "../shell/wide-table.tsx";
import { useFormat, useWords } from "../words/language.ts";
import { testWarning, verified } from "./review-facts.ts";
import { UsePanel } from "./use-panel.tsx";

export function ResultPanel({ report }: { readonly report: ReviewReport }): ReactNode {
  const { review: t } = useWords();
  const { review, test_data: testData } = report;
  return (
    <SpaceBetween size="l">
      {testWarning(testData, false) === "now" ? (
        <Alert type="warning" header={t.warnTitle} data-testid="test-warning">
          {t.warnNow}
        </Alert>
      ) : null}
      <Agreement review={review} rows={report.agreement} />
      <Manifest review={review} />
      {review.output === null ? null : <UsePanel report={report} output={review.output} />}
    </SpaceBetween>
  );
}

function Agreement({ review, rows }: { readonly review: Review; readonly rows: readonly LabelAgreement[] }): ReactNode {
  const { review: t } = useWords();
  const format = useFormat();
  const c = t.agreementColumns;
  const percent = (value: number): string => `${format.decimals(100 * value, 0)} %`;
  return (
    <WideTable>
      <Table<LabelAgreement>
        items={[...rows]}
        trackBy="label"
        header={
          <Header variant="h2" description={t.agreementLead}>
            {t.agreement}
          </Header>
        }
        ariaLabels={{ tableLabel: t.agreement }}
        columnDefinitions={[
          { id: "label", header: c.label, isRowHeader: true, cell: ({ label }) => label },
          { id: "predicted", header: c.predicted, cell: ({ predicted }) => format.number(predicted) },
          { id: "kept", header: c.kept, cell: ({ kept }) => format.number(kept) },
          {
            id: "share",
            header: c.share,
            minWidth: 160,
            cell: ({ kept, predicted }) => (predicted === 0 ? "–" : <ProgressBar value={(100 * kept) / predicted} ariaLabel={c.share} />),
          },
          { id: "range", header: c.range, cell: ({ low, high }) => (low === null || high === null ? "–" : `${percent(low)} – ${percent(high)}`) },
          { id: "added", header: c.added, cell: ({ added }) => format.number(added) },
        ]}
        empty={<Empty title={t.noAgreement} />}
        footer={review.sample === "uncertain" && rows.length > 0 ? <Box color="text-body-secondary">{t.uncertainSample}</Box> : undefined}
      />
    </WideTable>
  );
}

function Manifest({ review }: { readonly review: Review }): ReactNode {
  const { review: t } = useWords();
  const format = useFormat();
  const client = useQueryClient();
  const [task, setTask] = useState<string | null>(null);
  const write = useMutation({ mutationFn: () => writeReview(review.id), onSuccess: (started) => setTask(started.task) });
  const { data } = useQuery({ ...queries.task<ReviewOutput>(task ?? ""), enabled: task !== null });
  const state = data?.state;
  useEffect(() => {
    if (state !== undefined && state !== "running") void client.invalidateQueries({ queryKey: ["reviews"] });
  }, [state, client]);
  const isWriting = write.isPending || (task !== null && (state === undefined || state === "running"));
  const errors: Readonly<Record<string, string | undefined>> = t.errors;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={t.manifestLead(verified(review))}
          actions={
            <Button
              variant={review.output === null ? "primary" : "normal"}
              disabled={verified(review) === 0}
              loading={isWriting}
              onClick={() => write.mutate()}
              data-testid="write-manifest"
            >
              {review.output === null ? t.write : t.writeAgain}
            </Button>
          }
        >
          {t.manifest}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <ErrorAlert error={write.error} />
        {state === "failed" ? (
          <Alert type="error">
            {errors[data?.error?.code ?? ""] ?? data?.error?.message}
            <div className="code">{data?.error?.code}</div>
          </Alert>
        ) : null}
        {isWriting ? (
          <ProgressBar
            value={data?.total ? (100 * data.done) / data.total : 0}
            label={t.writing}
            additionalInfo={data?.total ? t.ofTotal(format.number(data.done), format.number(data.total)) : ""}
          />
        ) : null}
        {review.output === null ? null : <Written output={review.output} />}
      </SpaceBetween>
    </Container>
  );
}

function Written({ output }: { readonly output: ReviewOutput }): ReactNode {
  const { review: t } = useWords();
  const format = useFormat();
  const [bucket = "", ...key] = output.manifest.slice("s3://".length).split("/");
  const download = useMutation({
    mutationFn: () => readObject(bucket, key.join("/")),
    onSuccess: (blob) => saveFile("output.manifest", blob),
  });
  const codes: Readonly<Record<string, string | undefined>> = t.leftCodes;
  return (
    <SpaceBetween size="s">
      <Alert type="success">
        {t.written(output.lines)} ({format.date(output.written_at)}) {output.copied > 0 ? t.copied(output.copied) : ""}
      </Alert>
      {output.left_out.length === 0 ? null : (
        <Alert type="warning" header={t.leftOut(output.left_out.length)}>
          {output.left_out.slice(0, 20).map(({ source_ref: ref, code }) => (
            <div key={ref}>
              <span className="code">{ref}</span>: {codes[code] ?? code}
            </div>
          ))}
        </Alert>
      )}
      <ErrorAlert error={download.error} />
      <SpaceBetween direction="horizontal" size="m" alignItems="center">
        <Button iconName="download" loading={download.isPending} onClick={() => download.mutate()}>
          {t.download}
        </Button>
        <Link href={paths.storage(bucket, key.slice(0, -1).map((each) => `${each}/`).join(""))}>
          <span className="code">{output.manifest}</span>
        </Link>
      </SpaceBetween>
    </SpaceBetween>
  );
}
