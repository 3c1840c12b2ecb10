import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ApiError, hasCode } from "../api/errors.ts";
import { createBucketOfConsole } from "../api/lensmith.ts";
import * as queries from "../api/queries.ts";
import { ErrorAlert } from "../shell/error-details.tsx";
import { notify } from "../shell/notices.ts";
import { useWords } from "../words/language.ts";

/** Create the bucket of the console, by the name that the server proposes. */
export function SetupDialog(props: {
  readonly proposed: string;
  readonly action: "create" | "continue";
  readonly onCancel: () => void;
}): ReactNode {
  const { session, shell } = useWords();
  const t = session.setup;
  const client = useQueryClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => createBucketOfConsole(props.proposed),
    onSuccess: ({ bucket }) => {
      client.setQueryData(queries.setup().queryKey, { bucket, proposed: bucket });
      notify({ type: "success", content: t.created(bucket) });
    },
    onError: (failure) => {
      // The next proposal is another name.
      if (hasCode(failure, "BucketAlreadyExists")) void client.invalidateQueries({ queryKey: ["setup"] });
    },
  });
  const isTaken = hasCode(error, "BucketAlreadyExists");
  const path = error instanceof ApiError ? error.details["path"] : undefined;
  return (
    <Modal
      visible
      header={t.title}
      closeAriaLabel={shell.close}
      onDismiss={props.onCancel}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={props.onCancel}>
              {shell.cancel}
            </Button>
            <Button variant="primary" loading={isPending} onClick={() => mutate()} data-testid="create-bucket">
              {t[props.action]}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Box>{t.lead}</Box>
        <div>
          <Box variant="awsui-key-label">{t.bucket}</Box>
          <CopyToClipboard
            variant="inline"
            textToCopy={props.proposed}
            copyButtonAriaLabel={shell.copy}
            copySuccessText={shell.copied}
            copyErrorText={shell.notCopied}
          />
        </div>
        <Alert type="info">{t.note}</Alert>
        {isTaken ? (
          <Alert type="warning">{t.taken}</Alert>
        ) : (
          <ErrorAlert
            error={error}
            {...(typeof path === "string" ? { title: t.notWritable(path) } : {})}
          />
        )}
      </SpaceBetween>
    </Modal>
  );
}
