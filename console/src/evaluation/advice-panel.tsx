import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import type { ReactNode } from "react";
import type { EvaluationReport } from "../api/versions.ts";
import { useFormat, useWords } from "../words/language.ts";
import { type Advice, adviceOf } from "./confusion.ts";
import "./evaluation.css";

/** What would help the next version most. */
export function AdvicePanel(props: { readonly report: EvaluationReport }): ReactNode {
  const { evaluation: t } = useWords();
  const format = useFormat();
  const advice = adviceOf(props.report);
  if (advice.length === 0) return null;
  const shown = (count: number): string => format.number(Math.round(count));
  const text = (one: Advice): string => {
    if (one.code === "few") return t.adviceFew(one.label, one.count);
    if (one.code === "missed") return t.adviceMissed(one.label, shown(one.count), shown(one.total));
    if (one.code === "false") return t.adviceFalse(one.label, shown(one.count));
    return t.adviceConfused(one.label, shown(one.count), shown(one.total), one.other);
  };
  return (
    <Container header={<Header variant="h2">{t.advice}</Header>} data-testid="advice">
      <ul className="advice">
        {advice.map((one) => (
          <li key={`${one.code}/${one.label}/${one.code === "confused" ? one.other : ""}`}>{text(one)}</li>
        ))}
      </ul>
    </Container>
  );
}
