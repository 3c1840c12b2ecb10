import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import * as queries from "../api/queries.ts";
import type { ProjectVersionDescription } from "../api/rekognition.ts";
import type { Training } from "../api/versions.ts";
import { ErrorAlert } from "../shell/error-details.tsx";
import { paths } from "../shell/paths.ts";
import { Status } from "../shell/status.tsx";
import { useFormat, useWords } from "../words/language.ts";
import { ValidationFiles } from "./failure-panel.tsx";
import { saveLog } from "./progress-panel.tsx";
import { reportFacts } from "./report-facts.ts";
import { TrainingCharts } from "./training-charts.tsx";

export interface DetailsTabProps {
  readonly project: string;
  readonly name: string;
  readonly version: ProjectVersionDescription;
}

/** Everything known of a version (S15, Model details), and how its training went. */
export function DetailsTab(props: DetailsTabProps): ReactNode {
  const { training: t } = useWords();
  const { project, name, version } = props;
  const { data, error, refetch } = useQuery(queries.training(project, name));
  return (
    <SpaceBetween size="l">
      <Description {...props} />
      <Container header={<Header variant="h2">{t.files}</Header>}>
        <ValidationFiles version={version} />
      </Container>
      <ErrorAlert error={error} retry={() => void refetch()} />
      {data === undefined || queries.isMoving(data.status) ? null : <History name={name} training={data} />}
    </SpaceBetween>
  );
}

function Description({ project, version }: DetailsTabProps): ReactNode {
  const { models, shell, training: t } = useWords();
  const d = models.details;
  const format = useFormat();
  const output = version.OutputConfig;
  const seconds = version.BillableTrainingTimeInSeconds;
  const ended = version.TrainingEndTimestamp;
  const place = output?.S3Bucket === undefined ? "-" : (
    <Link href={paths.storage(output.S3Bucket, output.S3KeyPrefix)}>
      {`s3://${output.S3Bucket}/${output.S3KeyPrefix ?? ""}`}
    </Link>
  );
  return (
    <Container header={<Header variant="h2">{d.title}</Header>} data-testid="model-details">
      <KeyValuePairs
        columns={3}
        items={[
          { label: d.status, value: <Status status={version.Status} /> },
          { label: d.message, value: version.StatusMessage ?? "-" },
          { label: d.created, value: format.date(version.CreationTimestamp ?? 0) },
          { label: d.ended, value: ended === undefined ? "-" : format.date(ended) },
          { label: d.billable, value: seconds === undefined ? "-" : t.duration(seconds) },
          {
            label: d.arn,
            value: (
              <CopyToClipboard
                variant="inline"
                textToCopy={version.ProjectVersionArn ?? ""}
                copyButtonAriaLabel={shell.copyArn}
                copySuccessText={shell.copied}
                copyErrorText={shell.notCopied}
              />
            ),
          },
          { label: t.trainingDataset, value: <Link href={paths.gallery(project, "train")}>{t.inDataset.train}</Link> },
          { label: t.testDataset, value: <Link href={paths.gallery(project, "test")}>{t.inDataset.test}</Link> },
          { label: d.output, value: place },
          { label: d.kms, value: version.KmsKeyId ?? d.noKms },
          { label: d.description, value: version.VersionDescription ?? "-" },
        ]}
      />
    </Container>
  );
}

function History(props: { readonly name: string; readonly training: Training }): ReactNode {
  const { models, training: t } = useWords();
  const d = models.details;
  const { name, training } = props;
  const facts = reportFacts(training.report);
  const isTime = new Set(["seconds", "budget", "leftOutSeconds"]);
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <Button iconName="download" onClick={() => saveLog(name, training)}>
              {t.log}
            </Button>
          }
        >
          {d.training}
        </Header>
      }
    >
      <SpaceBetween size="l">
        {facts.length === 0 ? null : (
          <KeyValuePairs
            columns={4}
            items={facts.map(([key, value]) => ({
              label: d.facts[key],
              value: typeof value === "number" && isTime.has(key) ? t.duration(value) : String(value),
            }))}
          />
        )}
        <TrainingCharts history={training.history} empty={t.noCurves} />
      </SpaceBetween>
    </Container>
  );
}
