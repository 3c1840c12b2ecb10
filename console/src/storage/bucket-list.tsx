/** The buckets of the store, and creating one. */
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import Table from "@cloudscape-design/components/table";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { createBucket } from "../api/lensmith.ts";
import { useBuckets } from "../shell/browse-dialog.tsx";
import { ConfirmDialog } from "../shell/confirm-dialog.tsx";
import { ErrorAlert } from "../shell/error-details.tsx";
import { notify } from "../shell/notices.ts";
import { Empty } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { parseS3Uri } from "../shell/s3-uri.ts";
import { WideTable } from "../shell/wide-table.tsx";
import { useFormat, useWords } from "../words/language.ts";

function CreateBucketDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { storage: t } = useWords();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const isValid = parseS3Uri(`s3://${name}`)?.bucket === name && name !== "";
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => createBucket(name),
    onSuccess: async () => {
      notify({ type: "success", content: t.bucketCreated(name) });
      await client.invalidateQueries({ queryKey: ["buckets"] });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={t.createBucket}
      confirm={t.createBucket}
      disabled={!isValid}
      busy={isPending}
      error={error}
      onConfirm={() => mutate()}
      onClose={onClose}
    >
      <FormField label={t.bucketName} description={t.bucketHint}>
        <Input value={name} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
    </ConfirmDialog>
  );
}

export function BucketList(): ReactNode {
  const { storage: t, shell } = useWords();
  const format = useFormat();
  const buckets = useBuckets();
  const [isCreating, setCreating] = useState(false);
  const create = (
    <Button onClick={() => setCreating(true)} data-testid="create-bucket">
      {t.createBucket}
    </Button>
  );
  return (
    <>
      <ErrorAlert error={buckets.error} retry={() => void buckets.refetch()} />
      <WideTable>
        <Table
          variant="container"
          items={buckets.data ?? []}
          trackBy="name"
          loading={buckets.isPending}
          loadingText={shell.loading}
          ariaLabels={{ tableLabel: t.buckets }}
          header={
            <Header
              variant="h2"
              counter={buckets.data === undefined ? "" : `(${format.number(buckets.data.length)})`}
              actions={create}
            >
              {t.buckets}
            </Header>
          }
          empty={<Empty title={t.noBuckets} detail={t.noBucketsDetail} action={create} />}
          columnDefinitions={[
            {
              id: "name",
              header: t.name,
              isRowHeader: true,
              cell: ({ name }) => <Link href={paths.storage(name)}>{name}</Link>,
            },
            { id: "created", header: t.created, cell: ({ created_at }) => format.date(created_at) },
          ]}
        />
      </WideTable>
      {isCreating ? <CreateBucketDialog onClose={() => setCreating(false)} /> : null}
    </>
  );
}
