/** Create a dataset from what a form says; long imports become tasks of the server. */
import { call } from "../api/http.ts";
import { type DatasetKind, putObject, readSetup, startImport } from "../api/lensmith.ts";
import { uuid } from "../api/uuid.ts";
import { importSource, type SourceForm } from "./import-sources.ts";

export interface Created {
  readonly kind: DatasetKind;
  /** The import that fills it, or null if it is there already. */
  readonly task: string | null;
}

/** Put a file of this computer where the import can read it; returns its address. */
async function stored(file: File): Promise<string> {
  const { bucket } = await readSetup();
  if (bucket === null) throw new Error("no bucket of the console");
  const key = `imports/${uuid()}/${file.name}`;
  await putObject(bucket, key, file);
  return `s3://${bucket}/${key}`;
}

/** Fill both datasets of a project from the parts of one archive, which is sent once. */
export async function createDivided(project: string, form: SourceForm): Promise<readonly Created[]> {
  const uploaded = form.file === null ? null : await stored(form.file);
  const created: Created[] = [];
  for (const kind of ["train", "test"] as const) {
    const { task } = await startImport(project, kind, importSource(form, uploaded, true));
    created.push({ kind, task });
  }
  return created;
}

export async function createDataset(
  project: { readonly arn: string; readonly name: string },
  kind: DatasetKind,
  form: SourceForm,
): Promise<Created> {
  const DatasetType = kind === "train" ? "TRAIN" : "TEST";
  if (form.kind === "upload" || form.kind === "copy") {
    await call("CreateDataset", {
      ProjectArn: project.arn,
      DatasetType,
      ...(form.kind === "copy" && form.arn !== null ? { DatasetSource: { DatasetArn: form.arn } } : {}),
    });
    return { kind, task: null };
  }
  const uploaded = form.file === null ? null : await stored(form.file);
  const { task } = await startImport(project.name, kind, importSource(form, uploaded));
  return { kind, task };
}

const SEPARATOR = ".";

/** How an address names what a form created, so that a reload finds its imports again. */
export const written = ({ kind, task }: Created): string => `${kind}${SEPARATOR}${task ?? ""}`;

/** What an address names. */
export function createdIn(search: URLSearchParams): readonly Created[] {
  return search.getAll("import").flatMap((text): readonly Created[] => {
    const [kind, task] = text.split(SEPARATOR);
    return kind === "train" || kind === "test" ? [{ kind, task: task || null }] : [];
  });
}
