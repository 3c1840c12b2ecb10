/** The addresses of the screens. */
import type { DatasetKind } from "../api/lensmith.ts";

const part = encodeURIComponent;
const project = (name: string): string => `/projects/${part(name)}`;

export const paths = {
  landing: "/",
  getStarted: "/get-started",
  tutorials: "/tutorials",
  tutorial: (id: string) => `/tutorials/${part(id)}`,
  examples: "/examples",
  projects: "/projects",
  createProject: "/projects/create",
  project,
  gallery: (name: string, kind: DatasetKind = "train") => `${project(name)}/datasets?type=${kind}`,
  createDataset: (name: string, kind?: DatasetKind) =>
    `${project(name)}/datasets/create${kind === undefined ? "" : `?type=${kind}`}`,
  health: (name: string) => `${project(name)}/health`,
  label: (name: string, kind: DatasetKind) => `${project(name)}/label/${kind}`,
  train: (name: string) => `${project(name)}/train`,
  models: (name: string) => `${project(name)}/models`,
  model: (name: string, version: string) => `${project(name)}/models/${part(version)}`,
  performance: (name: string, version: string) => `${project(name)}/models/${part(version)}/performance`,
  manageTags: (name: string, version: string) => `${project(name)}/models/${part(version)}/manage-tags`,
  datasets: "/datasets",
  tryModel: "/try",
  feedback: "/feedback",
  startReview: (search: Readonly<Record<string, string>> = {}) => {
    const text = new URLSearchParams(search).toString();
    return text === "" ? "/feedback/start" : `/feedback/start?${text}`;
  },
  review: (id: string) => `/feedback/reviews/${part(id)}`,
  storage: (bucket?: string, prefix?: string) => {
    const search = new URLSearchParams();
    if (bucket !== undefined) search.set("bucket", bucket);
    if (prefix !== undefined && prefix !== "") search.set("prefix", prefix);
    const text = search.toString();
    return text === "" ? "/storage" : `/storage?${text}`;
  },
};
