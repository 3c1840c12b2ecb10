import Header from "@cloudscape-design/components/header";
import Table from "@cloudscape-design/components/table";
import type { ReactNode } from "react";
import type { ChangeFlips, Robustness } from "../api/versions.ts";
import { WideTable } from "../shell/wide-table.tsx";
import { useFormat, useWords } from "../words/language.ts";

/** Answers that change when a test picture is recompressed, resized, blurred, turned or relit. */
export function RobustnessPanel(props: { readonly robustness: Robustness }): ReactNode {
  const t = useWords().evaluation.robustness;
  const format = useFormat();
  const { robustness } = props;
  const percent = (share: number): string => `${format.decimals(100 * share, 1)} %`;
  const count = (value: number | null): string => (value === null ? "–" : format.number(value));
  return (
    <WideTable>
      <Table
        data-testid="robustness"
        header={
          <Header
            variant="h2"
            counter={`(${percent(robustness.share)})`}
            description={t.description(
              format.number(robustness.pictures),
              format.number(robustness.flips),
              format.number(robustness.answers),
            )}
          >
            {t.title}
          </Header>
        }
        ariaLabels={{ tableLabel: t.title }}
        trackBy={(each) => `${each.kind} ${each.value}`}
        items={robustness.changes}
        columnDefinitions={[
          {
            id: "change",
            header: t.change,
            cell: (each: ChangeFlips) => t.changes[each.kind](String(each.value)),
            isRowHeader: true,
          },
          {
            id: "share",
            header: t.share,
            cell: (each: ChangeFlips) => (each.share === null ? t.notMade : percent(each.share)),
          },
          { id: "flips", header: t.flips, cell: (each: ChangeFlips) => count(each.flips) },
          { id: "answers", header: t.answers, cell: (each: ChangeFlips) => count(each.answers) },
        ]}
        variant="container"
        contentDensity="compact"
      />
    </WideTable>
  );
}
