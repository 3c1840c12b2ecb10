import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ApiError, hasCode } from "../api/errors.ts";
import { createBucketOfConsole } from "../api/lensmith.ts";
import * as queries from "../api/queries.ts";
import { FormDialog } from "../shell/form-dialog.tsx";
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
    onSuccess: async ({ bucket }) => {
      // An answer from before the bucket was there would bring this dialog back.
      await client.cancelQueries({ queryKey: queries.setup().queryKey });
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
    <FormDialog
      title={t.title}
      confirm={t[props.action]}
      busy={isPending}
      error={isTaken ? null : error}
      {...(typeof path === "string" ? { errorTitle: t.notWritable(path) } : {})}
      onClose={props.onCancel}
      onConfirm={() => mutate()}
      testId="create-bucket"
    >
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
      {isTaken ? <Alert type="warning">{t.taken}</Alert> : null}
    </FormDialog>
  );
}
