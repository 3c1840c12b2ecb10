import { queryOptions, useQueries, useQuery } from "@tanstack/react-query";
import { listReviews, readReview, type Review } from "../api/reviews.ts";
import * as queries from "../api/queries.ts";

const MOVING_MS = 1_000;
const SETTLED_MS = 8_000;

const every = (reviews: readonly Review[]): number =>
  reviews.some(({ state }) => state === "predicting") ? MOVING_MS : SETTLED_MS;

export const reviews = () =>
  queryOptions({
    queryKey: ["reviews"],
    queryFn: listReviews,
    refetchInterval: (query) => every(query.state.data ?? []),
  });

export const review = (id: string) =>
  queryOptions({
    queryKey: ["reviews", id],
    queryFn: () => readReview(id),
    refetchInterval: (query) => every(query.state.data === undefined ? [] : [query.state.data.review]),
  });

export interface TrainedModel {
  readonly arn: string;
  readonly project: string;
  readonly name: string;
  readonly status: string;
}

const WITHOUT_MODEL = new Set(["TRAINING_IN_PROGRESS", "TRAINING_FAILED", "DELETING", "COPYING_IN_PROGRESS", "COPYING_FAILED"]);

/** The trained versions of all projects, the newest of each project first; null while reading. */
export function useTrained(): readonly TrainedModel[] | null {
  const projects = useQuery(queries.projects());
  const found = useQueries({
    queries: (projects.data ?? []).map(({ ProjectArn = "" }) => queries.versions(ProjectArn)),
  });
  if (projects.data === undefined || found.some(({ isPending }) => isPending)) return null;
  return found.flatMap(({ data }) =>
    (data ?? [])
      .filter(({ Status = "" }) => !WITHOUT_MODEL.has(Status))
      .map(({ ProjectVersionArn: arn = "", Status: status = "" }) => ({
        arn,
        status,
        project: queries.projectNameOf(arn),
        name: queries.versionNameOf(arn),
      })),
  );
}
