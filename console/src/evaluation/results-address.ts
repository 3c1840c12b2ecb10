/** The address of the test results with filters, so that every number can link to its pictures. */
import { paths } from "../shell/paths.ts";

export interface ResultsFilter {
  readonly label?: readonly string[];
  readonly truth?: string;
  readonly predicted?: string;
  /** Missed boxes of `truth`, or boxes of `predicted` where nothing is. */
  readonly unmatched?: boolean;
}

export function resultsHref(project: string, name: string, filter: ResultsFilter = {}): string {
  const search = new URLSearchParams();
  for (const label of filter.label ?? []) search.append("label", label);
  if (filter.truth !== undefined) search.set("truth", filter.truth);
  if (filter.predicted !== undefined) search.set("predicted", filter.predicted);
  if (filter.unmatched) search.set("unmatched", "true");
  const text = search.toString();
  return `${paths.performance(project, name)}${text === "" ? "" : `?${text}`}`;
}
