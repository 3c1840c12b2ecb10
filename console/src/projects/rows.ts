/** The rows of the projects list: projects, and below each its versions. */
import { projectNameOf, versionNameOf } from "../api/queries.ts";
import type { ProjectDescription, ProjectVersionDescription } from "../api/rekognition.ts";

export interface ProjectRow {
  readonly kind: "project";
  readonly id: string;
  readonly name: string;
  readonly created: number;
  readonly status: string | undefined;
  /** Newest first; undefined while they are being read. */
  readonly versions: readonly VersionRow[] | undefined;
}

export interface VersionRow {
  readonly kind: "version";
  readonly id: string;
  readonly project: string;
  readonly name: string;
  readonly created: number;
  readonly description: ProjectVersionDescription;
}

export type Row = ProjectRow | VersionRow;

export type SortField = "name" | "created";
export interface Sorting {
  readonly field: SortField;
  readonly descending: boolean;
}

/** The text of a sorting in the address: `-created` is newest first. */
export const sortingText = ({ field, descending }: Sorting): string => (descending ? `-${field}` : field);

export function parseSorting(text: string | null): Sorting {
  const field = text?.replace(/^-/, "");
  if (field === "name" || field === "created") return { field, descending: text?.startsWith("-") === true };
  return { field: "created", descending: true };
}

const compareNames = new Intl.Collator("en", { numeric: true, sensitivity: "base" }).compare;

/** Projects whose name contains `find`, in order. */
export function arranged(
  projects: readonly ProjectDescription[],
  find: string,
  { field, descending }: Sorting,
): readonly ProjectDescription[] {
  const wanted = find.trim().toLowerCase();
  const found = projects.filter(({ ProjectArn = "" }) => projectNameOf(ProjectArn).toLowerCase().includes(wanted));
  const sign = descending ? -1 : 1;
  return found.toSorted((a, b) =>
    field === "name"
      ? sign * compareNames(projectNameOf(a.ProjectArn ?? ""), projectNameOf(b.ProjectArn ?? ""))
      : sign * ((a.CreationTimestamp ?? 0) - (b.CreationTimestamp ?? 0)),
  );
}

export function projectRow(
  project: ProjectDescription,
  versions: readonly ProjectVersionDescription[] | undefined,
): ProjectRow {
  const id = project.ProjectArn ?? "";
  const name = projectNameOf(id);
  return {
    kind: "project",
    id,
    name,
    created: project.CreationTimestamp ?? 0,
    status: project.Status,
    versions: versions?.map((description) => versionRow(name, description)),
  };
}

export function versionRow(project: string, description: ProjectVersionDescription): VersionRow {
  const id = description.ProjectVersionArn ?? "";
  return {
    kind: "version",
    id,
    project,
    name: versionNameOf(id),
    created: description.CreationTimestamp ?? 0,
    description,
  };
}

/** The version that speaks for its project. */
export const newest = (row: ProjectRow): VersionRow | undefined => row.versions?.[0];

const BUSY = new Set(["TRAINING_IN_PROGRESS", "STARTING", "RUNNING", "STOPPING", "DELETING", "COPYING_IN_PROGRESS"]);

/** Whether a version can be deleted: it neither runs nor is it being trained. */
export const isDeletable = (status: string | undefined): boolean => status !== undefined && !BUSY.has(status);
