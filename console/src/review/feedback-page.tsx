import type { ReactNode } from "react";
import { NotBuilt } from "../shell/not-built.tsx";
import { useWords } from "../words/language.ts";

export function FeedbackPage(): ReactNode {
  const { shell } = useWords();
  return <NotBuilt title={shell.nav.feedback} command="lensmith detect --help" />;
}
