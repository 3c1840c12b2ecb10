import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FileDropzone from "@cloudscape-design/components/file-dropzone";
import FileInput from "@cloudscape-design/components/file-input";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { BrowseDialog } from "../shell/browse-dialog.tsx";
import { parseS3Uri, s3Uri } from "../shell/s3-uri.ts";
import { useWords } from "../words/language.ts";
import { CameraDialog } from "./camera-dialog.tsx";
import type { Source } from "./tried.ts";

/** Call with the files that are pasted anywhere on the page. */
function usePastedFiles(onPaste: (files: readonly File[]) => void): void {
  const latest = useRef(onPaste);
  useEffect(() => {
    latest.current = onPaste;
  });
  useEffect(() => {
    const paste = (event: ClipboardEvent): void => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length > 0) latest.current(files);
    };
    document.addEventListener("paste", paste);
    return () => document.removeEventListener("paste", paste);
  }, []);
}

/** Pictures: dropped, chosen, pasted, from the camera, from the storage. */
export function PictureInput(props: {
  readonly isBusy: boolean;
  readonly onFiles: (files: readonly File[]) => void;
  readonly onObject: (source: Source) => void;
}): ReactNode {
  const { serving } = useWords();
  const t = serving.try;
  const { onFiles, onObject } = props;
  const [uri, setUri] = useState("");
  const [isBad, setBad] = useState(false);
  const [dialog, setDialog] = useState<"camera" | "browse" | null>(null);
  usePastedFiles(onFiles);
  return (
    <Container>
      <SpaceBetween size="m">
        <FileDropzone onChange={({ detail }) => onFiles(detail.value)}>
          <SpaceBetween size="xs" alignItems="center">
            <Box>{t.drop}</Box>
            <SpaceBetween direction="horizontal" size="xs">
              <FileInput multiple accept="image/jpeg,image/png" value={[]} onChange={({ detail }) => onFiles(detail.value)}>
                {t.choosePictures}
              </FileInput>
              <Button iconName="video-on" onClick={() => setDialog("camera")} data-testid="try-camera">
                {t.camera}
              </Button>
            </SpaceBetween>
            <Box variant="small">{t.hint}</Box>
          </SpaceBetween>
        </FileDropzone>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const place = parseS3Uri(uri);
            setBad(place === null || place.key === "");
            if (place !== null && place.key !== "") onObject({ kind: "object", ...place });
          }}
        >
          <FormField
            label={t.uri}
            errorText={isBad ? t.badUri : ""}
            secondaryControl={
              <SpaceBetween direction="horizontal" size="xs">
                <Button formAction="none" onClick={() => setDialog("browse")}>
                  {t.browse}
                </Button>
                <Button loading={props.isBusy} data-testid="try-object">
                  {t.analyze}
                </Button>
              </SpaceBetween>
            }
            stretch
          >
            <Input value={uri} placeholder="s3://" onChange={({ detail }) => setUri(detail.value)} />
          </FormField>
        </form>
      </SpaceBetween>
      {dialog === "camera" ? <CameraDialog onTake={(file) => onFiles([file])} onClose={() => setDialog(null)} /> : null}
      {dialog === "browse" ? (
        <BrowseDialog
          title={t.uri}
          choose="object"
          onClose={() => setDialog(null)}
          onChoose={(place) => {
            setDialog(null);
            setBad(false);
            setUri(s3Uri(place));
            onObject({ kind: "object", ...place });
          }}
        />
      ) : null}
    </Container>
  );
}
