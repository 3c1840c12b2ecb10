import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { ProjectVersionDescription } from "../api/rekognition.ts";
import { exportModel } from "../api/versions.ts";
import { notifyError } from "../shell/error-details.tsx";
import { saveFile } from "../shell/save-file.ts";
import { useWords } from "../words/language.ts";
import { ActivityPanel } from "./activity-panel.tsx";
import { ApiCode } from "./api-code.tsx";
import { StartStop } from "./start-stop.tsx";

export interface UseTabProps {
  readonly project: string;
  readonly name: string;
  readonly version: ProjectVersionDescription;
}

/** Start, stop and call a model (S15, Use Model). */
export function UseTab(props: UseTabProps): ReactNode {
  const { serving: t, shell } = useWords();
  const { version } = props;
  const arn = version.ProjectVersionArn ?? "";
  return (
    <SpaceBetween size="l">
      <StartStop {...props} />
      <Container header={<Header variant="h2">{t.use}</Header>}>
        <SpaceBetween size="l">
          <div>
            <Box variant="awsui-key-label">{t.arn}</Box>
            <CopyToClipboard
              variant="inline"
              textToCopy={arn}
              copyButtonAriaLabel={shell.copyArn}
              copySuccessText={shell.copied}
              copyErrorText={shell.notCopied}
            />
          </div>
          <ExpandableSection headerText={t.code} defaultExpanded>
            <ApiCode arn={arn} units={version.MinInferenceUnits ?? 1} />
          </ExpandableSection>
        </SpaceBetween>
      </Container>
      <ActivityPanel project={props.project} name={props.name} />
      <Export {...props} />
    </SpaceBetween>
  );
}

function Export({ project, name }: UseTabProps): ReactNode {
  const { serving: t } = useWords();
  const { mutate, isPending } = useMutation({
    mutationFn: () => exportModel(project, name),
    onSuccess: (zip) => saveFile(`${name}.zip`, zip),
    onError: (error) => notifyError(error, t.exporting),
  });
  return (
    <Container header={<Header variant="h2" description={t.exportHint}>{t.exporting}</Header>}>
      <Button iconName="download" loading={isPending} onClick={() => mutate()} data-testid="export-model">
        {t.export}
      </Button>
    </Container>
  );
}
