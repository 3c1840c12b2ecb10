/** Warnings and advice about a version, in words. */
import Alert from "@cloudscape-design/components/alert";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import * as queries from "../api/queries.ts";
import type { Advice } from "../api/versions.ts";
import { type Format, useFormat, useWords, type Words } from "../words/language.ts";

export function adviceText(one: Advice, words: Words, format: Format): string {
  const t = words.evaluation.advices;
  const label = one.label ?? "";
  const count = one.count ?? 0;
  const shown = (value: number | null): string => format.number(Math.round(value ?? 0));
  switch (one.code) {
    case "weak-model":
      return t.weakModel(format.decimals(one.value ?? 0, 3));
    case "cut-short":
      return t.cutShort(one.value === null ? null : words.training.duration(one.value));
    case "few-test-images":
      return t.fewTestImages(label, count);
    case "more-test-images":
      return t.moreTestImages(label, count);
    case "confused":
      return t.confused(label, one.images ?? 0, shown(one.count), shown(one.total), one.other ?? "");
    case "missed":
      return t.missed(label, shown(one.count), shown(one.total));
    case "false-alarms":
      return t.falseAlarms(label, shown(one.count));
  }
}

/** From so many labels on they are listed in one sentence. */
const MANY = 3;

/** Plain warnings above everything that is said of a model. */
export function ModelWarnings(props: { readonly project: string; readonly name: string }): ReactNode {
  const words = useWords();
  const t = words.evaluation.advices;
  const format = useFormat();
  const { data } = useQuery(queries.advice(props.project, props.name));
  const warnings = (data ?? []).filter(({ is_warning }) => is_warning);
  if (warnings.length === 0) return null;
  const few = warnings.filter(({ code }) => code === "few-test-images");
  const others = warnings.filter(({ code }) => code !== "few-test-images");
  const listed = few.length <= MANY ? few.map((one) => adviceText(one, words, format)) : [t.fewOfMany(format.number(few.length), few.map(({ label }) => label ?? "").join(", "))];
  return (
    <Alert type="warning" header={t.warnings} data-testid="model-warnings">
      <ul className="plain-list">
        {[...others.map((one) => adviceText(one, words, format)), ...listed].map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </Alert>
  );
}
