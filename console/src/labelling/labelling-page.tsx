import type { ReactNode } from "react";
import { NotBuilt } from "../shell/not-built.tsx";
import { useWords } from "../words/language.ts";

export function LabellingPage(): ReactNode {
  const { shell } = useWords();
  return <NotBuilt title={shell.nav.dataset} command="aws rekognition update-dataset-entries --help" />;
}
