import type { ReactNode } from "react";
import { NotBuilt } from "../shell/not-built.tsx";
import { useWords } from "../words/language.ts";

export function GalleryPage(): ReactNode {
  const { shell } = useWords();
  return <NotBuilt title={shell.nav.dataset} command="aws rekognition list-dataset-entries --dataset-arn ARN" />;
}
