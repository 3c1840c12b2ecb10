/** The models of every project, for pages that choose among them. */
import { useQueries, useQuery } from "@tanstack/react-query";
import * as queries from "../api/queries.ts";

export interface Model {
  readonly arn: string;
  readonly project: string;
  readonly name: string;
  readonly status: string;
}

export const titleOf = ({ project, name }: Model): string => `${project} / ${name}`;

const WITHOUT_MODEL = new Set(["TRAINING_IN_PROGRESS", "TRAINING_FAILED", "DELETING", "COPYING_IN_PROGRESS", "COPYING_FAILED"]);

/** Whether it is trained, so that it can be started. */
export const isTrained = ({ status }: Model): boolean => !WITHOUT_MODEL.has(status);

export function useModels(): { readonly models: readonly Model[] | null; readonly error: Error | null } {
  const projects = useQuery(queries.projects());
  const each = useQueries({
    queries: (projects.data ?? []).map(({ ProjectArn = "" }) => queries.versions(ProjectArn)),
  });
  const error = projects.error ?? each.find((one) => one.error !== null)?.error ?? null;
  if (projects.data === undefined || each.some((one) => one.isPending)) return { models: null, error };
  const models = each
    .flatMap(({ data }) => data ?? [])
    .map(({ ProjectVersionArn: arn = "", Status: status = "" }) => ({
      arn,
      status,
      project: queries.projectNameOf(arn),
      name: queries.versionNameOf(arn),
    }));
  return { models, error };
}

/** The thresholds of some models in percent, as they count without MinConfidence, and every label. */
export function useThresholds(models: readonly Model[]): {
  readonly thresholds: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly labels: readonly string[];
} {
  const found = useQueries({
    queries: models.map(({ project, name }) => ({ ...queries.thresholds(project, name), retry: false })),
  });
  const thresholds = new Map(
    models.map(({ arn }, at) => [
      arn,
      new Map((found[at]?.data?.labels ?? []).map(({ label, assumed, own }) => [label, 100 * (own ?? assumed)])),
    ]),
  );
  return { thresholds, labels: found.flatMap(({ data }) => (data?.labels ?? []).map(({ label }) => label)) };
}
