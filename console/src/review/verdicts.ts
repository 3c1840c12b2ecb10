/** What a person says of the pictures of one page, before it is saved. Pure. */
import type { Answer, ReviewedPicture } from "../api/reviews.ts";

export interface Verdict {
  readonly verdict: "verified" | "rejected" | "skipped";
  readonly labels: readonly string[];
}

/** The verdict that stands until a person changes it: right, or skipped where nothing was found. */
export function firstVerdict(picture: ReviewedPicture): Verdict {
  const labels = picture.answer?.image_labels ?? picture.predicted_labels.map(({ name }) => name);
  if (picture.state === "rejected") return { verdict: "rejected", labels };
  return { verdict: labels.length === 0 || picture.state === "skipped" ? "skipped" : "verified", labels };
}

/** Tick or untick a picture; one without labels cannot be right. */
export function ticked(now: Verdict): Verdict {
  if (now.verdict === "verified") return { ...now, verdict: "rejected" };
  return { ...now, verdict: now.labels.length === 0 ? "skipped" : "verified" };
}

/** Give a label, instead of the others or beside them; one that is there goes where there are several. */
export function labelled(now: Verdict, label: string, several: boolean): Verdict {
  if (!several) return { verdict: "verified", labels: [label] };
  const has = now.labels.includes(label);
  if (has && now.verdict !== "verified") return { ...now, verdict: "verified" };
  return has ? unlabelled(now, label) : { verdict: "verified", labels: [...now.labels, label] };
}

export function unlabelled(now: Verdict, label: string): Verdict {
  const labels = now.labels.filter((one) => one !== label);
  return { labels, verdict: labels.length === 0 ? "rejected" : now.verdict };
}

export const answerOf = (key: string, { verdict, labels }: Verdict): Answer => ({
  source_ref: key,
  verdict,
  ...(verdict === "verified" ? { image_labels: labels } : {}),
});
