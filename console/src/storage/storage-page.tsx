import type { ReactNode } from "react";
import { NotBuilt } from "../shell/not-built.tsx";
import { useWords } from "../words/language.ts";

export function StoragePage(): ReactNode {
  const { shell } = useWords();
  return <NotBuilt title={shell.nav.storage} command="aws s3 ls" />;
}
