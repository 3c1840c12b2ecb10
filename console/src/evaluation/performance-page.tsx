import type { ReactNode } from "react";
import { NotBuilt } from "../shell/not-built.tsx";
import { useWords } from "../words/language.ts";

export function PerformancePage(): ReactNode {
  const { shell } = useWords();
  return <NotBuilt title={shell.nav.models} command="lensmith evaluation --help" />;
}
