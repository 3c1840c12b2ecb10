/** What to do about a dataset that was not created: a sentence and a link for each code (S8). */
import Link from "@cloudscape-design/components/link";
import type { ReactNode } from "react";
import type { DatasetKind } from "../api/lensmith.ts";
import { paths } from "../shell/paths.ts";
import { useWords } from "../words/language.ts";

/** Codes whose cure is in the labels of the project; that of all others is in a stored file. */
const IN_LABELS = new Set([
  "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_DISTRIBUTE",
  "ERROR_MANIFEST_TOO_FEW_USABLE_LABELS",
]);

export function FailureAdvice(props: {
  readonly code: string | null | undefined;
  readonly project: string;
  readonly kind: DatasetKind;
}): ReactNode {
  const { datasets } = useWords();
  const t = datasets.failures;
  const code = props.code ?? "";
  const fixes: Readonly<Record<string, string | undefined>> = t.fixes;
  const fix = fixes[code];
  if (fix === undefined) return null;
  const [href, text] = IN_LABELS.has(code)
    ? [paths.gallery(props.project, props.kind === "test" ? "train" : props.kind), t.toLabels]
    : [paths.storage(), t.toStorage];
  return (
    <div data-testid="failure-advice">
      {fix}{" "}
      <Link href={href}>{text}</Link>
    </div>
  );
}
