/** Pictures of a review as drafts of labelling mode, and what it saves as answers. */
import type { DatasetImage, EntryChange, SavedEntries } from "../api/lensmith.ts";
import { type Answer, listReviewed, type ReviewedPicture, saveAnswers } from "../api/reviews.ts";
import { fitted } from "../pictures/boxes.ts";
import type { SaveEntries } from "../pictures/draft-session.ts";
import type { Drafts } from "../pictures/drafts.ts";
import { boxId, type Suggested } from "../pictures/labels.ts";

const NOTHING = { image_labels: [], boxes: [], nothing_here: false };

/** Pictures that the editor has beside it; the most that the server gives at once. */
const LIST = 500;
const ANSWERED = ["confirmed", "corrected", "rejected", "skipped"] as const;

/** The pictures about one of a review, of those that wait or of those answered. Empty: it is in neither. */
export async function around(review: string, first: string, list = listReviewed): Promise<readonly ReviewedPicture[]> {
  for (const state of [["pending"], ANSWERED] as const) {
    for (let [offset, total] = [0, 1]; offset < total; offset += LIST) {
      const page = await list(review, { state, offset, limit: LIST });
      if (page.images.some(({ source_ref: key }) => key === first)) return page.images;
      ({ total } = page);
    }
  }
  return [];
}

/** An answer stands for the entry, and its content for the revision. */
export function imageOf(picture: ReviewedPicture): DatasetImage {
  const { source_ref, bucket, key, name, width, height } = picture;
  const content = picture.answer ?? NOTHING;
  return { source_ref, bucket, key, name, width, height, errors: [], ...content, revision: revisionOf(content) };
}

export function suggestedOf(picture: ReviewedPicture, version: string): Suggested | null {
  if (picture.state !== "pending" && picture.state !== "skipped") return null;
  const { predicted_boxes: found, uncertainty, width, height } = picture;
  const boxes = found.flatMap((box) => {
    const rect = fitted(box, { width, height });
    return rect === null ? [] : [{ ...box, ...rect, id: boxId() }];
  });
  return boxes.length === 0 ? null : { version, uncertainty, labels: [], boxes };
}

/** Save drafts as answers; a picture with boxes that are neither accepted nor rejected waits. */
export const savesAnswers =
  (review: string) =>
  (drafts: () => Drafts): SaveEntries =>
  async (_, changes) => {
    const known = drafts().byKey;
    const isComplete = ({ source_ref: key }: EntryChange): boolean => (known.get(key)?.labels.suggested?.boxes.length ?? 0) === 0;
    const complete = changes.filter(isComplete);
    const { saved, rejected } = complete.length === 0 ? { saved: [], rejected: [] } : await saveAnswers(review, complete.map(answerOf));
    const sent = new Map(complete.map((change) => [change.source_ref, change]));
    const left = changes.filter((change) => !isComplete(change)).map(({ source_ref }) => ({ source_ref, code: "SUGGESTIONS_LEFT" }));
    return {
      saved: saved.map(({ source_ref }) => ({ source_ref, revision: revisionOf(contentOf(sent.get(source_ref))) })),
      conflicts: [],
      rejected: [...rejected, ...left],
    } satisfies SavedEntries;
  };

type Content = Pick<DatasetImage, "image_labels" | "boxes" | "nothing_here">;

function contentOf(change: EntryChange | undefined): Content {
  if (change === undefined || "remove" in change) return NOTHING;
  const { image_labels, boxes, nothing_here } = change;
  return { image_labels, boxes, nothing_here };
}

function answerOf(change: EntryChange): Answer {
  const content = contentOf(change);
  const isAnswer = content.nothing_here || content.boxes.length > 0;
  // Taking the last box away takes the answer back.
  return { source_ref: change.source_ref, verdict: isAnswer ? "verified" : "pending", ...(isAnswer ? content : {}) };
}

const revisionOf = ({ image_labels, boxes, nothing_here }: Content): string =>
  JSON.stringify([
    image_labels,
    boxes.map(({ label, left, top, width, height }) => [label, left, top, width, height]),
    nothing_here,
  ]);
