import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { EvaluationReport } from "../api/versions.ts";
import { useFormat, useWords } from "../words/language.ts";
import { type Cell, confusedPairs, type Line, type Matrix, matrixOf, type Pair } from "./confusion.ts";
import { resultsHref } from "./results-address.ts";
import "./evaluation.css";

/** From so many labels on, the list of confused pairs comes before the matrix. */
const MANY = 12;
const PAIRS = 12;

interface Place {
  readonly project: string;
  readonly name: string;
}

/** What is taken for what; every number opens its pictures. */
export function ConfusionPanel(props: Place & { readonly report: EvaluationReport }): ReactNode {
  const { evaluation: t } = useWords();
  const { report } = props;
  const matrix = useMemo(() => matrixOf(report), [report]);
  const isLarge = report.labels.length >= MANY;
  return (
    <Container header={<Header variant="h2" description={t.matrixHelp}>{t.matrix}</Header>} data-testid="confusion">
      <SpaceBetween size="l">
        {isLarge ? <Pairs {...props} pairs={confusedPairs(matrix).slice(0, PAIRS)} /> : null}
        <MatrixTable {...props} matrix={matrix} />
      </SpaceBetween>
    </Container>
  );
}

function Pairs(props: Place & { readonly pairs: readonly Pair[] }): ReactNode {
  const { evaluation: t } = useWords();
  const format = useFormat();
  const text = ({ truth, predicted }: Pair): string => {
    if (truth === null) return t.pairBackground(predicted ?? "");
    return predicted === null ? t.pairMissed(truth) : t.pair(truth, predicted);
  };
  if (props.pairs.length === 0) return <Box color="text-body-secondary">{t.noPairs}</Box>;
  return (
    <div data-testid="confused-pairs">
      <Box variant="h3">{t.pairs}</Box>
      <ol className="pairs">
        {props.pairs.map((pair) => (
          <li key={`${pair.truth}/${pair.predicted}`}>
            <Link href={resultsHref(props.project, props.name, pair.filter)}>{text(pair)}</Link>
            <span className="pair-bar" aria-hidden="true">
              <span style={{ inlineSize: `${(100 * pair.count) / pair.total}%` }} />
            </span>
            <span className="pair-count">{t.pairCount(format.number(pair.count), format.number(pair.total))}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** Whether there is more to the right (x) and below (y) than is shown. */
function useCut(): readonly [React.RefObject<HTMLElement | null>, string] {
  const ref = useRef<HTMLElement>(null);
  const [cut, setCut] = useState("");
  useEffect(() => {
    const box = ref.current;
    if (box === null) return undefined;
    const look = (): void =>
      setCut(
        (box.scrollWidth - box.clientWidth - box.scrollLeft > 1 ? "x" : "") +
          (box.scrollHeight - box.clientHeight - box.scrollTop > 1 ? "y" : ""),
      );
    const observer = new ResizeObserver(look);
    observer.observe(box);
    box.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      box.removeEventListener("scroll", look);
    };
  }, []);
  return [ref, cut];
}

function MatrixTable(props: Place & { readonly matrix: Matrix }): ReactNode {
  const { evaluation: t } = useWords();
  const format = useFormat();
  const { matrix } = props;
  const [ref, cut] = useCut();
  const rowName = ({ label }: Line): string => label ?? t.background;
  const columnName = ({ label }: Line): string => label ?? t.missed;
  const describe = (count: string, row: Line, column: Line): string => {
    if (row.label === null) return t.backgroundCell(count, column.label ?? "");
    return column.label === null ? t.missedCell(count, row.label) : t.cell(count, row.label, column.label);
  };
  const shown = (count: number): string => (Number.isInteger(count) ? format.number(count) : format.decimals(count, 1));
  const link = (filter: Cell["filter"], label: string, text: string): ReactNode => (
    <a href={resultsHref(props.project, props.name, filter)} aria-label={label} title={label}>
      {text}
    </a>
  );
  return (
    <div className="matrix-frame" data-cut={cut === "" ? undefined : cut}>
      {/* It scrolls sideways, so it takes the focus. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <section className="matrix-scroll" ref={ref} tabIndex={0} aria-label={t.matrix}>
        <table className="matrix">
          <thead>
            <tr>
              <th scope="col">{t.is}</th>
              {matrix.columns.map((column) => (
                <th key={columnName(column)} scope="col" className="matrix-column">
                  <span title={columnName(column)}>{columnName(column)}</span>
                </th>
              ))}
              <th scope="col" className="matrix-column">
                <span>{t.total}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {matrix.rows.map((row, r) => (
              <tr key={rowName(row)}>
                <th scope="row" title={rowName(row)}>
                  {rowName(row)}
                </th>
                {matrix.columns.map((column, c) => {
                  const cell = matrix.cells[r]?.[c];
                  if (cell === undefined || cell.count === 0) return <td key={columnName(column)}>·</td>;
                  const most = cell.isRight ? matrix.mostRight : matrix.mostWrong;
                  const step = Math.max(1, Math.ceil((4 * cell.count) / most));
                  return (
                    <td key={columnName(column)} className={`${cell.isRight ? "right" : "wrong"}-${step}`}>
                      {link(cell.filter, describe(shown(cell.count), row, column), shown(cell.count))}
                    </td>
                  );
                })}
                <td className="matrix-total">
                  {row.label === null || row.total === 0
                    ? shown(row.total)
                    : link({ truth: row.label }, t.rowTotal(shown(row.total), row.label), shown(row.total))}
                </td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{t.total}</th>
              {matrix.columns.map((column) => (
                <td key={columnName(column)} className="matrix-total">
                  {column.label === null || column.total === 0
                    ? shown(column.total)
                    : link(
                        { predicted: column.label },
                        t.columnTotal(shown(column.total), column.label),
                        shown(column.total),
                      )}
                </td>
              ))}
              <td className="matrix-total">{shown(matrix.rows.reduce((sum, { total }) => sum + total, 0))}</td>
            </tr>
          </tfoot>
        </table>
      </section>
      {cut === "" ? null : (
        <div className="matrix-cue">
          {t.matrixScrolls} {cut.includes("x") ? "→" : ""} {cut.includes("y") ? "↓" : ""}
        </div>
      )}
    </div>
  );
}
