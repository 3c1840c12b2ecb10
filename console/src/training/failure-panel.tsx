import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { ProjectVersionDescription } from "../api/rekognition.ts";
import { notifyError } from "../shell/error-details.tsx";
import { paths } from "../shell/paths.ts";
import { readSummaryErrors, type ResultKind, resultObject, saveResult } from "../shell/validation-results.ts";
import { useWords } from "../words/language.ts";
import "./training.css";

const KINDS: readonly ResultKind[] = ["training", "testing", "summary"];

/** The files that say what training made of the datasets; disabled where it did not come so far. */
export function ValidationFiles(props: { readonly version: ProjectVersionDescription }): ReactNode {
  const { models } = useWords();
  const { version } = props;
  const download = useMutation({
    mutationFn: (kind: ResultKind) => saveResult(version, kind),
    onError: (error) => notifyError(error, models.download),
  });
  return (
    <div className="training-files">
      {KINDS.map((kind) => (
        <Button
          key={kind}
          iconName="download"
          disabled={resultObject(version, kind) === undefined}
          disabledReason={models.notAvailable}
          loading={download.isPending && download.variables === kind}
          onClick={() => download.mutate(kind)}
          data-testid={`file-${kind}`}
        >
          {models.downloads[kind]}
        </Button>
      ))}
    </div>
  );
}

/** Why a training failed: sentence, codes, what to do, and the files with the details. */
export function FailurePanel(props: {
  readonly project: string;
  readonly version: ProjectVersionDescription;
}): ReactNode {
  const { training: t } = useWords();
  const { version } = props;
  const hasSummary = resultObject(version, "summary") !== undefined;
  const summary = useQuery({
    queryKey: ["summary-errors", version.ProjectVersionArn],
    queryFn: () => readSummaryErrors(version),
    enabled: hasSummary,
    staleTime: Infinity,
  });
  return (
    <Alert
      type="error"
      header={t.failed}
      action={<Button href={paths.train(props.project)}>{t.again}</Button>}
      data-testid="training-failure"
    >
      <SpaceBetween size="s">
        <Box color="inherit">{version.StatusMessage}</Box>
        <ul className="training-failure">
          {(summary.data ?? []).map(({ scope, code, message }) => (
            <li key={`${scope}/${code}`}>
              <div>
                <strong>{t.scope[scope]}:</strong> {message} <span className="code">{code}</span>
              </div>
              <div>
                <strong>{t.whatToDo}:</strong> {t.fixes[code] ?? t.fixUnknown}
              </div>
            </li>
          ))}
        </ul>
        {hasSummary ? (
          <div>
            <Box variant="strong" color="inherit">
              {t.files}
            </Box>
            <ValidationFiles version={version} />
          </div>
        ) : null}
      </SpaceBetween>
    </Alert>
  );
}
