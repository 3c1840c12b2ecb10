/** Look at a stored picture, or at the first lines of a manifest. */
import Box from "@cloudscape-design/components/box";
import Modal from "@cloudscape-design/components/modal";
import Spinner from "@cloudscape-design/components/spinner";
import Table from "@cloudscape-design/components/table";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { pictureUrl, readObject, type StoredObject } from "../api/lensmith.ts";
import { ErrorAlert } from "../shell/error-details.tsx";
import { isPicture, nameOf } from "../shell/s3-uri.ts";
import { useWords } from "../words/language.ts";

const LINES = 50;
const MAX_BYTES = 256 * 1024;

interface Line {
  readonly number: number;
  readonly sourceRef: string;
  readonly attributes: string;
}

/** Read the first lines of a manifest; one that is not JSON is shown as it is. */
export function firstLines(text: string, count = LINES): readonly Line[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(0, count)
    .map((line, i) => {
      try {
        const { "source-ref": ref, ...others } = JSON.parse(line) as Record<string, unknown>;
        return {
          number: i + 1,
          sourceRef: typeof ref === "string" ? ref : "",
          attributes: Object.keys(others)
            .filter((name) => !name.endsWith("-metadata"))
            .join(", "),
        };
      } catch {
        return { number: i + 1, sourceRef: line.slice(0, 200), attributes: "" };
      }
    });
}

function Manifest(props: { readonly bucket: string; readonly object: StoredObject }): ReactNode {
  const { storage: t } = useWords();
  const { bucket, object } = props;
  const { data, error } = useQuery({
    queryKey: ["manifest-preview", bucket, object.key, object.etag],
    queryFn: async () => firstLines(await (await readObject(bucket, object.key, MAX_BYTES)).text()),
  });
  if (error !== null) return <ErrorAlert error={error} />;
  if (data === undefined) return <Spinner size="large" />;
  return (
    <Table<Line>
      variant="embedded"
      items={data}
      trackBy={(line) => String(line.number)}
      ariaLabels={{ tableLabel: t.manifestLines(data.length) }}
      columnDefinitions={[
        { id: "line", header: t.line, cell: (line) => line.number, width: 70 },
        { id: "ref", header: t.sourceRef, cell: (line) => <span className="code">{line.sourceRef}</span> },
        { id: "attributes", header: t.attributes, cell: (line) => line.attributes },
      ]}
      header={<Box variant="h3">{t.manifestLines(data.length)}</Box>}
    />
  );
}

export function PreviewDialog(props: {
  readonly bucket: string;
  readonly object: StoredObject;
  readonly onClose: () => void;
}): ReactNode {
  const { storage: t, shell } = useWords();
  const { bucket, object, onClose } = props;
  const name = nameOf(object.key);
  return (
    <Modal visible size="max" header={name} closeAriaLabel={shell.close} onDismiss={onClose}>
      {isPicture(object.key) ? (
        <img
          className="storage-preview"
          src={pictureUrl({ bucket, key: object.key }, "full", object.etag)}
          alt={t.previewOf(name)}
        />
      ) : (
        <Manifest bucket={bucket} object={object} />
      )}
    </Modal>
  );
}
