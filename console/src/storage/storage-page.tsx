import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Header from "@cloudscape-design/components/header";
import HelpPanel from "@cloudscape-design/components/help-panel";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { deleteObject, readObject, type StoredObject } from "../api/lensmith.ts";
import { useSearch } from "../shell/address.ts";
import { useFolder } from "../shell/browse-dialog.tsx";
import { copyText } from "../shell/clipboard.ts";
import { ConfirmDialog } from "../shell/confirm-dialog.tsx";
import { ErrorAlert, notifyError } from "../shell/error-details.tsx";
import { notify, notifyFailedCopy } from "../shell/notices.ts";
import { Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { foldersOf, nameOf, s3Uri } from "../shell/s3-uri.ts";
import { saveFile } from "../shell/save-file.ts";
import { useFormat, useWords } from "../words/language.ts";
import { BucketList } from "./bucket-list.tsx";
import { chosenFiles, type DroppedFile, droppedFiles } from "./dropped-files.ts";
import { ObjectTable, type Row } from "./object-table.tsx";
import { PreviewDialog } from "./preview-dialog.tsx";
import "./storage.css";
import { type Uploads, useUploads } from "./use-uploads.ts";

/** A button that opens the system's dialog for files or for a folder. */
function FileButton(props: {
  readonly text: string;
  readonly isFolder?: boolean;
  readonly onChoose: (files: readonly DroppedFile[]) => void;
}): ReactNode {
  const field = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button onClick={() => field.current?.click()}>{props.text}</Button>
      <input
        ref={field}
        type="file"
        multiple
        tabIndex={-1}
        aria-hidden="true"
        className="storage-file"
        data-testid={props.isFolder ? "upload-folder" : "upload-files"}
        {...(props.isFolder ? { webkitdirectory: "" } : {})}
        onChange={(event) => {
          if (event.target.files !== null) props.onChoose(chosenFiles(event.target.files));
          event.target.value = "";
        }}
      />
    </>
  );
}

function DeleteObjectsDialog(props: {
  readonly bucket: string;
  readonly objects: readonly StoredObject[];
  readonly onClose: () => void;
}): ReactNode {
  const { storage: t } = useWords();
  const client = useQueryClient();
  const { bucket, objects, onClose } = props;
  const { mutate, isPending, error } = useMutation({
    mutationFn: async () => {
      for (const { key } of objects) await deleteObject(bucket, key);
    },
    onSuccess: () => {
      notify({ type: "success", content: t.deleted(objects.length) });
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["objects", bucket] }),
  });
  return (
    <ConfirmDialog
      title={t.deleteTitle(objects.length)}
      word="delete"
      confirm={t.delete}
      busy={isPending}
      error={error}
      onConfirm={() => mutate()}
      onClose={onClose}
    >
      {t.deleteText}
    </ConfirmDialog>
  );
}

function BucketView(props: {
  readonly bucket: string;
  readonly prefix: string;
  readonly uploads: Uploads;
}): ReactNode {
  const { storage: t, shell } = useWords();
  const format = useFormat();
  const { bucket, prefix, uploads } = props;
  const folder = useFolder(bucket, prefix);
  const [selected, setSelected] = useState<readonly Row[]>([]);
  const [preview, setPreview] = useState<StoredObject | null>(null);
  const [isDeleting, setDeleting] = useState(false);
  const [isOver, setOver] = useState(false);
  const objects = selected.flatMap(({ object }) => object ?? []);
  const [only] = objects;
  const send = (files: readonly DroppedFile[]): void => void uploads.start(files, bucket, prefix);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    droppedFiles(event.dataTransfer).then(send, notifyError);
  };
  const act = async (action: string): Promise<void> => {
    if (action === "delete") setDeleting(true);
    if (action === "download") {
      for (const { key } of objects) saveFile(nameOf(key), await readObject(bucket, key));
    }
    if (action === "copy" && only !== undefined) {
      const uri = s3Uri({ bucket, key: only.key });
      await copyText(uri).then(
        () => notify({ type: "success", content: t.copied(uri), id: "copied" }),
        () => notifyFailedCopy(t.copyUri, uri),
      );
    }
  };
  return (
    <SpaceBetween size="m">
      <ErrorAlert error={folder.error} retry={() => void folder.refetch()} />
      {uploads.progress === null ? null : (
        <SpaceBetween size="xs">
          <ProgressBar
            value={(100 * uploads.progress.done) / uploads.progress.total}
            label={t.uploading(uploads.progress.done, uploads.progress.total)}
          />
          <Button onClick={uploads.cancel}>{t.cancelUpload}</Button>
        </SpaceBetween>
      )}
      {/* Dropping has a keyboard's way, too: the two buttons. */}
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div
        className="storage-drop"
        data-over={isOver || undefined}
        data-testid="drop-zone"
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <ObjectTable
          bucket={bucket}
          folder={folder}
          selected={selected}
          onSelect={setSelected}
          onPreview={setPreview}
          header={
            <Header
              variant="h2"
              counter={`(${format.number(folder.objects.length)}${folder.hasNextPage ? "+" : ""})`}
              description={t.drop}
              actions={
                <SpaceBetween direction="horizontal" size="xs">
                  <Button
                    iconName="refresh"
                    ariaLabel={shell.refresh}
                    onClick={() => void folder.refetch()}
                  />
                  <ButtonDropdown
                    disabled={objects.length === 0}
                    data-testid="object-actions"
                    items={[
                      { id: "download", text: t.download },
                      { id: "copy", text: t.copyUri, disabled: objects.length !== 1 },
                      { id: "delete", text: t.delete },
                    ]}
                    onItemClick={({ detail }) => void act(detail.id).catch(notifyError)}
                  >
                    {shell.actions}
                  </ButtonDropdown>
                  <FileButton text={t.uploadFolder} isFolder onChoose={send} />
                  <FileButton text={t.upload} onChoose={send} />
                </SpaceBetween>
              }
            >
              {t.objects}
            </Header>
          }
        />
      </div>
      {preview === null ? null : (
        <PreviewDialog bucket={bucket} object={preview} onClose={() => setPreview(null)} />
      )}
      {isDeleting ? (
        <DeleteObjectsDialog
          bucket={bucket}
          objects={objects}
          onClose={() => {
            setDeleting(false);
            setSelected([]);
          }}
        />
      ) : null}
    </SpaceBetween>
  );
}

/** Buckets, folders and objects of the store (S18). */
export function StoragePage(): ReactNode {
  const { storage: t } = useWords();
  const search = useSearch();
  const bucket = search.get("bucket");
  const prefix = search.get("prefix") ?? "";
  // Here, so that a look into another folder leaves them in sight.
  const uploads = useUploads();
  const folders = foldersOf(prefix);
  const last = folders.at(-1)?.name ?? bucket ?? t.title;
  const above = [
    ...(bucket === null ? [] : [{ text: t.title, href: paths.storage() }]),
    ...(bucket === null || folders.length === 0 ? [] : [{ text: bucket, href: paths.storage(bucket) }]),
    ...folders.slice(0, -1).map((each) => ({
      text: each.name,
      href: paths.storage(bucket ?? "", each.prefix),
    })),
  ];
  return (
    <Page
      title={last}
      crumbs={above}
      help={
        <HelpPanel header={<h2>{t.title}</h2>}>
          <p>{t.help}</p>
          <p>{t.emptyDetail}</p>
        </HelpPanel>
      }
    >
      {bucket === null ? (
        <BucketList />
      ) : (
        <BucketView key={`${bucket}/${prefix}`} {...{ bucket, prefix, uploads }} />
      )}
    </Page>
  );
}
