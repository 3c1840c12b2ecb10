/** Queries that several screens share, so that they share what was read. */
import { queryOptions } from "@tanstack/react-query";
import { call, pages } from "./http.ts";
import { type DatasetKind, listDatasets, listDatasetsOf, listLabels, readOrigins, readSetup, readTask, whoAmI } from "./lensmith.ts";
import type { ProjectDescription, ProjectVersionDescription } from "./rekognition.ts";
import { readAdvice, readEvaluation, readThresholds, readTraining, readVariants } from "./versions.ts";

/** Settled things may be changed from outside (boto3): shown within 10 s. */
const SETTLED_MS = 8_000;
const MOVING_MS = 5_000;
const TASK_MS = 700;
const TRAINING_MS = 2_000;

const MOVING = /(_IN_PROGRESS|ING)$/;
const NOT_MOVING = new Set(["RUNNING"]);

/** Whether a status of AWS changes by itself. */
export const isMoving = (status: string | null | undefined): boolean =>
  status !== null && status !== undefined && MOVING.test(status) && !NOT_MOVING.has(status);

/** How often to ask again, by the statuses shown. */
export const pollEvery = (statuses: Iterable<string | null | undefined>): number => {
  for (const status of statuses) if (isMoving(status)) return MOVING_MS;
  return SETTLED_MS;
};

export const versionNameOf = (arn: string): string => arn.split("/version/")[1]?.split("/")[0] ?? arn;
export const projectNameOf = (arn: string): string => arn.split(":project/")[1]?.split("/")[0] ?? arn;

export const who = () =>
  queryOptions({ queryKey: ["who"], queryFn: whoAmI, staleTime: Infinity });

export const setup = () => queryOptions({ queryKey: ["setup"], queryFn: readSetup, staleTime: 60_000 });

export const projects = () =>
  queryOptions({
    queryKey: ["projects"],
    queryFn: async ({ signal }) => {
      const found: ProjectDescription[] = [];
      for await (const page of pages("DescribeProjects", { MaxResults: 100 }, signal)) {
        found.push(...(page.ProjectDescriptions ?? []));
      }
      return found;
    },
    refetchInterval: (query) => pollEvery((query.state.data ?? []).map((row) => row.Status)),
  });

/** One project by its name; null if there is none. */
export const project = (name: string) =>
  queryOptions({
    queryKey: ["projects", name],
    queryFn: async ({ signal }) => {
      const page = await call("DescribeProjects", { ProjectNames: [name] }, signal);
      return page.ProjectDescriptions?.[0] ?? null;
    },
    refetchInterval: (query) => pollEvery([query.state.data?.Status]),
  });

/** The versions of a project, newest first. */
export const versions = (projectArn: string) =>
  queryOptions({
    queryKey: ["versions", projectArn],
    queryFn: async ({ signal }) => {
      const found: ProjectVersionDescription[] = [];
      const input = { ProjectArn: projectArn, MaxResults: 100 };
      for await (const page of pages("DescribeProjectVersions", input, signal)) {
        found.push(...(page.ProjectVersionDescriptions ?? []));
      }
      return found.toSorted((a, b) => (b.CreationTimestamp ?? 0) - (a.CreationTimestamp ?? 0));
    },
    refetchInterval: (query) => pollEvery((query.state.data ?? []).map((row) => row.Status)),
  });

/** Every dataset of the account: for screens that show or offer all. */
export const datasets = () =>
  queryOptions({
    queryKey: ["datasets"],
    queryFn: ({ signal }) => listDatasets(signal),
    refetchInterval: (query) => pollEvery((query.state.data ?? []).map((row) => row.status)),
  });

/** The datasets of one project; the key begins as that of all does. */
export const datasetsOf = (projectName: string) =>
  queryOptions({
    queryKey: ["datasets", projectName],
    queryFn: () => listDatasetsOf(projectName),
    refetchInterval: (query) => pollEvery((query.state.data ?? []).map((row) => row.status)),
  });

/** The labels of a dataset; the key begins as that of its images does. */
export const labels = (projectName: string, kind: DatasetKind) =>
  queryOptions({
    queryKey: ["dataset", projectName, kind, "labels"],
    queryFn: () => listLabels(projectName, kind),
    refetchInterval: SETTLED_MS,
  });

export const origins = (projectName: string, kind: DatasetKind) =>
  queryOptions({
    queryKey: ["dataset", projectName, kind, "origins"],
    queryFn: () => readOrigins(projectName, kind),
    staleTime: SETTLED_MS,
  });

/** A task of the server, asked for often until it has ended. */
export const task = <Result>(id: string) =>
  queryOptions({
    queryKey: ["tasks", id],
    queryFn: () => readTask<Result>(id),
    refetchInterval: (query) =>
      query.state.data === undefined || query.state.data.state === "running" ? TASK_MS : false,
  });

/** A version of a project by its name; null if there is none. */
export const version = (projectArn: string, name: string) =>
  queryOptions({
    queryKey: ["versions", projectArn, name],
    queryFn: async ({ signal }) => {
      const input = { ProjectArn: projectArn, VersionNames: [name] };
      const page = await call("DescribeProjectVersions", input, signal);
      return page.ProjectVersionDescriptions?.[0] ?? null;
    },
    refetchInterval: (query) => (isMoving(query.state.data?.Status) ? TRAINING_MS : SETTLED_MS),
  });

/** A training's progress and curves, often while it runs. */
export const training = (projectName: string, name: string) =>
  queryOptions({
    queryKey: ["training", projectName, name],
    queryFn: () => readTraining(projectName, name),
    refetchInterval: (query) =>
      query.state.data === undefined || isMoving(query.state.data.status) ? TRAINING_MS : false,
  });

export const evaluation = (projectName: string, name: string) =>
  queryOptions({
    queryKey: ["evaluation", projectName, name],
    queryFn: () => readEvaluation(projectName, name),
    staleTime: Infinity,
  });

/** The precisions of a model, and the one that serves. */
export const variants = (projectName: string, name: string) =>
  queryOptions({
    queryKey: ["variants", projectName, name],
    queryFn: () => readVariants(projectName, name),
    staleTime: SETTLED_MS,
  });

export const thresholds = (projectName: string, name: string) =>
  queryOptions({
    queryKey: ["thresholds", projectName, name],
    queryFn: () => readThresholds(projectName, name),
    staleTime: SETTLED_MS,
  });

/** Warnings and advice about a trained version. */
export const advice = (projectName: string, name: string) =>
  queryOptions({
    queryKey: ["advice", projectName, name],
    queryFn: () => readAdvice(projectName, name),
    staleTime: Infinity,
    retry: false,
  });
