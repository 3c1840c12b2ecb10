import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import * as queries from "../api/queries.ts";
import { adviceText } from "../shell/advice.tsx";
import { useFormat, useWords } from "../words/language.ts";
import "./evaluation.css";

/** What would help the next version most. */
export function AdvicePanel(props: { readonly project: string; readonly name: string }): ReactNode {
  const words = useWords();
  const format = useFormat();
  const { data } = useQuery(queries.advice(props.project, props.name));
  const advice = (data ?? []).filter(({ is_warning }) => !is_warning);
  if (advice.length === 0) return null;
  return (
    <Container header={<Header variant="h2">{words.evaluation.advice}</Header>} data-testid="advice">
      <ul className="advice">
        {advice.map((one) => (
          <li key={`${one.code}/${one.label}/${one.other}`}>{adviceText(one, words, format)}</li>
        ))}
      </ul>
    </Container>
  );
}
