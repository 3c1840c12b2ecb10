/** The gallery's filters, kept in the address: reload, Back and a copied link show the same. */
import type { DatasetKind, ImagesFilter } from "../api/lensmith.ts";
import type { SearchChange } from "../shell/address.ts";

export const PAGE_SIZES = [20, 50, 100, 200, 500] as const;
const USUAL_SIZE = 50;

/** Which pictures by their state; null: all. */
export type State = "labeled" | "unlabeled" | "errors" | null;

export interface Filters {
  readonly kind: DatasetKind;
  readonly page: number;
  readonly size: number;
  readonly labels: readonly string[];
  readonly state: State;
  readonly name: string;
}

function stateOf(search: URLSearchParams): State {
  if (search.get("errors") === "true") return "errors";
  const labeled = search.get("labeled");
  return labeled === "true" ? "labeled" : labeled === "false" ? "unlabeled" : null;
}

/** Read filters from an address; whatever is odd counts as absent. */
export function filtersOf(search: URLSearchParams): Filters {
  const size = Number(search.get("size"));
  return {
    kind: search.get("type") === "test" ? "test" : "train",
    page: Math.max(1, Math.floor(Number(search.get("page"))) || 1),
    size: PAGE_SIZES.some((one) => one === size) ? size : USUAL_SIZE,
    labels: search.getAll("label"),
    state: stateOf(search),
    name: search.get("name") ?? "",
  };
}

/** What the server is asked for. */
export function request(filters: Filters): ImagesFilter {
  return {
    offset: (filters.page - 1) * filters.size,
    limit: filters.size,
    label: filters.labels,
    ...(filters.state === "labeled" ? { labeled: true } : {}),
    ...(filters.state === "unlabeled" ? { labeled: false } : {}),
    ...(filters.state === "errors" ? { errors: true } : {}),
    ...(filters.name === "" ? {} : { name: filters.name }),
  };
}

/** The change of an address that shows other filters; every one of them starts at page 1. */
export function toState(state: State): SearchChange {
  return {
    labeled: state === "labeled" ? "true" : state === "unlabeled" ? "false" : null,
    errors: state === "errors" ? "true" : null,
    page: null,
  };
}

export function toggledLabel(labels: readonly string[], label: string): SearchChange {
  const others = labels.filter((one) => one !== label);
  return { label: others.length === labels.length ? [...labels, label] : others, page: null };
}

export const isFiltered = (filters: Filters): boolean =>
  filters.labels.length > 0 || filters.state !== null || filters.name !== "";

/** The part of the address that labelling mode reads, too. */
export function forLabelling(search: URLSearchParams, more: Readonly<Record<string, string>> = {}): string {
  const next = new URLSearchParams(search);
  next.delete("type");
  for (const [name, value] of Object.entries(more)) next.set(name, value);
  const text = next.toString();
  return text === "" ? "" : `?${text}`;
}
