import type { ReactNode } from "react";
import { NotBuilt } from "../shell/not-built.tsx";
import { useWords } from "../words/language.ts";

export function CreateProjectPage(): ReactNode {
  const { shell } = useWords();
  return <NotBuilt title={shell.nav.projects} command="aws rekognition create-project --project-name NAME" />;
}
