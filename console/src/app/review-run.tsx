/** A review, with the box editor of labelling mode. */
import type { ReactNode } from "react";
import { ReviewPage } from "../review/review-page.tsx";
import { ReviewEditor } from "./review-editor.tsx";

export function ReviewRun(): ReactNode {
  return <ReviewPage editor={ReviewEditor} />;
}
