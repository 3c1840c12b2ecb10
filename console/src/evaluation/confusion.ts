/** The confusion matrix as a table with margins, and its worst cells. */
import type { EvaluationReport } from "../api/versions.ts";
import type { ResultsFilter } from "./results-address.ts";

/** A row or a column: a label, or null for missed boxes and for places where nothing is. */
export interface Line {
  readonly label: string | null;
  readonly total: number;
}

export interface Cell {
  readonly count: number;
  readonly isRight: boolean;
  readonly filter: ResultsFilter;
}

export interface Matrix {
  readonly rows: readonly Line[];
  readonly columns: readonly Line[];
  readonly cells: readonly (readonly Cell[])[];
  /** The largest count off the diagonal, and on it. */
  readonly mostWrong: number;
  readonly mostRight: number;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export function matrixOf({ labels, confusion }: EvaluationReport): Matrix {
  const names = labels.map(({ label }) => label);
  const { counts, missed, background } = confusion;
  const table = counts.map((row, at) => (missed === null ? row : [...row, missed[at] ?? 0]));
  if (background !== null) table.push(missed === null ? background : [...background, 0]);
  const rowNames: (string | null)[] = background === null ? names : [...names, null];
  const columnNames: (string | null)[] = missed === null ? names : [...names, null];
  const cells = table.map((row, r) => row.map((count, c) => cell(count, rowNames[r] ?? null, columnNames[c] ?? null)));
  const all = cells.flat();
  return {
    rows: rowNames.map((label, r) => ({ label, total: sum(table[r] ?? []) })),
    columns: columnNames.map((label, c) => ({ label, total: sum(table.map((row) => row[c] ?? 0)) })),
    cells,
    mostWrong: Math.max(0, ...all.filter(({ isRight }) => !isRight).map(({ count }) => count)),
    mostRight: Math.max(0, ...all.filter(({ isRight }) => isRight).map(({ count }) => count)),
  };
}

function cell(count: number, truth: string | null, predicted: string | null): Cell {
  return {
    count,
    isRight: truth !== null && truth === predicted,
    filter: {
      ...(truth === null ? {} : { truth }),
      ...(predicted === null ? {} : { predicted }),
      ...(truth === null || predicted === null ? { unmatched: true } : {}),
    },
  };
}

export interface Pair {
  readonly truth: string | null;
  readonly predicted: string | null;
  readonly count: number;
  /** Of how many: everything that is `truth`, or everything that was called `predicted`. */
  readonly total: number;
  readonly filter: ResultsFilter;
}

/** The cells off the diagonal, the most frequent first. */
export function confusedPairs({ rows, columns, cells }: Matrix): readonly Pair[] {
  return cells
    .flatMap((row, r) =>
      row
        .map((each, c) => ({ each, row: rows[r], column: columns[c] }))
        .filter(({ each }) => each.count > 0 && !each.isRight),
    )
    .map(({ each, row, column }): Pair => {
      const truth = row?.label ?? null;
      const total = (truth === null ? column?.total : row?.total) ?? 0;
      return { truth, predicted: column?.label ?? null, count: each.count, total, filter: each.filter };
    })
    .toSorted((a, b) => b.count - a.count || b.count / b.total - a.count / a.total);
}
