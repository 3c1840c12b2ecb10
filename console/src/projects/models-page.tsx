import type { ReactNode } from "react";
import { NotBuilt } from "../shell/not-built.tsx";
import { useWords } from "../words/language.ts";

export function ModelsPage(): ReactNode {
  const { shell } = useWords();
  return <NotBuilt title={shell.nav.models} command="aws rekognition describe-project-versions --project-arn ARN" />;
}
