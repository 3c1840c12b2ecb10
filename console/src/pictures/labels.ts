/** What is known of one picture while it is labelled, and the edits of it. Pure. */
import type { LabelledBox } from "../api/lensmith.ts";
import { type Box, fitted, MAX_BOXES, type Rect, type Size } from "./boxes.ts";

export interface SuggestedBox extends Box {
  readonly confidence: number;
}

export interface SuggestedLabel {
  readonly name: string;
  readonly confidence: number;
}

/** A model's predictions that are not reviewed yet; never written. */
export interface Suggested {
  readonly version: string;
  readonly uncertainty: number;
  readonly labels: readonly SuggestedLabel[];
  readonly boxes: readonly SuggestedBox[];
}

export interface Labels {
  readonly imageLabels: readonly string[];
  readonly boxes: readonly Box[];
  readonly nothingHere: boolean;
  readonly suggested: Suggested | null;
}

export const MAX_IMAGE_LABELS = 50;
export const NO_LABELS: Labels = { imageLabels: [], boxes: [], nothingHere: false, suggested: null };

let made = 0;
/** Make an id for a box, unique in this browser. */
export const boxId = (): string =>
  `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}-${(made += 1)}`;

interface Content {
  readonly image_labels: readonly string[];
  readonly boxes: readonly LabelledBox[];
  readonly nothing_here: boolean;
}

/** Read what the server sends; ids come from the place in the list, so that reading twice agrees. */
export const labelsOf = (image: Content): Labels => ({
  imageLabels: image.image_labels,
  boxes: image.boxes.map((box, index) => ({ ...box, id: `s${index}` })),
  nothingHere: image.nothing_here,
  suggested: null,
});

const boxContent = ({ label, left, top, width, height }: Box): LabelledBox => ({
  label,
  left,
  top,
  width,
  height,
});

/** Write what the server takes: without ids, and without what is not reviewed. */
export const contentOf = (labels: Labels): Content => ({
  image_labels: labels.imageLabels,
  boxes: labels.boxes.map(boxContent),
  nothing_here: labels.nothingHere,
});

const boxText = (box: Box): string =>
  `${box.left},${box.top},${box.width},${box.height},${box.label}`;

/** Group boxes by their label, in the order in which labels first appear. */
export function byLabel<B extends Box>(boxes: readonly B[]): ReadonlyMap<string, readonly B[]> {
  const groups = new Map<string, B[]>();
  for (const box of boxes) groups.set(box.label, [...(groups.get(box.label) ?? []), box]);
  return groups;
}

/** Whether two pictures are labelled the same; the order does not count. */
export function sameContent(a: Labels, b: Labels): boolean {
  if (a === b) return true;
  const text = (labels: Labels): string =>
    JSON.stringify([
      labels.imageLabels.toSorted(),
      labels.boxes.map(boxText).toSorted(),
      labels.nothingHere,
    ]);
  return text(a) === text(b);
}

export const isAnswered = (labels: Labels): boolean =>
  labels.nothingHere || labels.boxes.length > 0 || labels.imageLabels.length > 0;

/** The boxes on the canvas: drawn ones and suggested ones. */
export const allBoxes = (labels: Labels): readonly (Box | SuggestedBox)[] =>
  labels.suggested === null ? labels.boxes : [...labels.boxes, ...labels.suggested.boxes];

export const isSuggested = (box: Box): box is SuggestedBox => "confidence" in box;

function withSuggested(labels: Labels, rest: Partial<Suggested>): Suggested | null {
  if (labels.suggested === null) return null;
  const left = { ...labels.suggested, ...rest };
  return left.boxes.length === 0 && left.labels.length === 0 ? null : left;
}

export function withBoxes(labels: Labels, added: readonly Box[]): Labels {
  const boxes = [...labels.boxes, ...added].slice(0, MAX_BOXES);
  return { ...labels, boxes, nothingHere: boxes.length === 0 && labels.nothingHere };
}

export function withoutBoxes(labels: Labels, ids: ReadonlySet<string>): Labels {
  const stays = (box: Box): boolean => !ids.has(box.id);
  return {
    ...labels,
    boxes: labels.boxes.filter(stays),
    suggested: withSuggested(labels, { boxes: labels.suggested?.boxes.filter(stays) ?? [] }),
  };
}

/** Change boxes; a suggested one that is changed is thereby corrected and counts as drawn. */
export function changedBoxes(
  labels: Labels,
  changes: ReadonlyMap<string, Partial<Rect & { label: string }>>,
): Labels {
  const corrected = (labels.suggested?.boxes ?? []).filter((box) => changes.has(box.id));
  const accepted = acceptedBoxes(labels, new Set(corrected.map((box) => box.id)));
  return {
    ...accepted,
    boxes: accepted.boxes.map((box) => ({ ...box, ...changes.get(box.id) })),
  };
}

/** Take suggested boxes over, as far as there is room for them. */
export function acceptedBoxes(labels: Labels, ids: ReadonlySet<string>): Labels {
  if (labels.suggested === null || ids.size === 0) return labels;
  const room = MAX_BOXES - labels.boxes.length;
  const taken = labels.suggested.boxes.filter((box) => ids.has(box.id)).slice(0, room);
  const drawn = taken.map((box): Box => ({ ...boxContent(box), id: box.id }));
  return {
    ...withBoxes(labels, drawn),
    suggested: withSuggested(labels, {
      boxes: labels.suggested.boxes.filter((box) => !taken.includes(box)),
    }),
  };
}

export function withImageLabel(labels: Labels, name: string): Labels {
  const suggested = withSuggested(labels, {
    labels: labels.suggested?.labels.filter((one) => one.name !== name) ?? [],
  });
  if (labels.imageLabels.includes(name) || labels.imageLabels.length >= MAX_IMAGE_LABELS) {
    return { ...labels, suggested };
  }
  return { ...labels, imageLabels: [...labels.imageLabels, name], nothingHere: false, suggested };
}

export function withoutImageLabel(labels: Labels, name: string): Labels {
  return {
    ...labels,
    imageLabels: labels.imageLabels.filter((one) => one !== name),
    suggested: withSuggested(labels, {
      labels: labels.suggested?.labels.filter((one) => one.name !== name) ?? [],
    }),
  };
}

export const toggledImageLabel = (labels: Labels, name: string): Labels =>
  labels.imageLabels.includes(name) ? withoutImageLabel(labels, name) : withImageLabel(labels, name);

/** Accept everything that is suggested for the picture. */
export function acceptedAll(labels: Labels): Labels {
  if (labels.suggested === null) return labels;
  const boxes = acceptedBoxes(labels, new Set(labels.suggested.boxes.map((box) => box.id)));
  return labels.suggested.labels.reduce((so, { name }) => withImageLabel(so, name), boxes);
}

export const rejectedAll = (labels: Labels): Labels =>
  labels.suggested === null ? labels : { ...labels, suggested: null };

/** Answer that there is nothing to find, or take that answer back; only without labels. */
export function toggledNothingHere(labels: Labels): Labels {
  if (labels.nothingHere) return { ...labels, nothingHere: false };
  if (isAnswered(labels)) return labels;
  return { ...labels, nothingHere: true, suggested: null };
}

/** Repeat another picture's boxes here, clamped, without those that are here already. */
export function repeatedBoxes(labels: Labels, boxes: readonly Box[], picture: Size): Labels {
  const here = new Set(labels.boxes.map(boxText));
  const added = boxes.flatMap((box) => {
    const rect = fitted(box, picture);
    const copy = rect && { ...rect, label: box.label, id: boxId() };
    return copy === null || here.has(boxText(copy)) ? [] : [copy];
  });
  return added.length === 0 ? labels : withBoxes(labels, added);
}

/** Rename a label, or remove it everywhere with null; two labels that become one are one. */
export function relabelledEverywhere(labels: Labels, from: string, to: string | null): Labels {
  const boxes = <B extends Box>(list: readonly B[]): readonly B[] =>
    list.flatMap((box) =>
      box.label !== from ? [box] : to === null ? [] : [{ ...box, label: to }],
    );
  const names = (list: readonly string[]): readonly string[] => [
    ...new Set(list.flatMap((name) => (name !== from ? [name] : to === null ? [] : [to]))),
  ];
  const suggested = labels.suggested?.labels.flatMap((one) =>
    one.name !== from ? [one] : to === null ? [] : [{ ...one, name: to }],
  );
  return {
    imageLabels: names(labels.imageLabels),
    boxes: boxes(labels.boxes),
    nothingHere: labels.nothingHere,
    suggested: withSuggested(labels, {
      boxes: boxes(labels.suggested?.boxes ?? []),
      labels: suggested ?? [],
    }),
  };
}
