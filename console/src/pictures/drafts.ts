/** Drafts of labels: one reducer for editing, undo, saving with revisions, and conflicts. Pure. */
import type { DatasetImage, EntryChange, SavedEntries } from "../api/lensmith.ts";
import type { Size } from "./boxes.ts";
import { emptyHistory, type History, mapped, record, redo, type Step, undo, without } from "./history.ts";
import {
  contentOf,
  isAnswered,
  type Labels,
  labelsOf,
  NO_LABELS,
  relabelledEverywhere,
  sameContent,
  type Suggested,
} from "./labels.ts";

/** A picture's labels as read (`base`, of `revision`) and as they are now. */
export interface Draft {
  readonly image: DatasetImage;
  readonly base: Labels;
  /** Null: the dataset has no such entry (any more); saving adds it. */
  readonly revision: string | null;
  readonly labels: Labels;
  readonly isUnsaved: boolean;
  /** The entry as somewhere else saved it meanwhile; its image is null when it was removed. */
  readonly conflict: { readonly theirs: DatasetImage | null } | null;
  /** Why the server did not take the labels. */
  readonly rejected: string | null;
}

/** A request to save whose answer is not known yet; it is repeated with the same id. */
export interface PendingSave {
  readonly requestId: string;
  readonly sent: readonly (readonly [key: string, labels: Labels])[];
  readonly changes: readonly EntryChange[];
}

export interface Drafts {
  readonly byKey: ReadonlyMap<string, Draft>;
  readonly history: History<Labels>;
  readonly saves: readonly PendingSave[];
}

export type Action =
  | { readonly type: "restored"; readonly drafts: readonly Draft[]; readonly saves: readonly PendingSave[] }
  | { readonly type: "loaded"; readonly images: readonly DatasetImage[] }
  | {
      readonly type: "edited";
      readonly kind: string;
      readonly press: number | null;
      readonly changes: ReadonlyMap<string, Labels>;
    }
  | { readonly type: "measured"; readonly key: string; readonly size: Size }
  | { readonly type: "undone" }
  | { readonly type: "redone" }
  | { readonly type: "suggested"; readonly suggestions: ReadonlyMap<string, Suggested> }
  | { readonly type: "sending"; readonly save: PendingSave }
  | { readonly type: "answered"; readonly requestId: string; readonly answer: SavedEntries }
  | { readonly type: "refused"; readonly requestId: string }
  | { readonly type: "resolved"; readonly key: string; readonly choice: "mine" | "theirs" }
  | { readonly type: "discarded" }
  | { readonly type: "labelChanged"; readonly from: string; readonly to: string | null };

export const NO_DRAFTS: Drafts = { byKey: new Map(), history: emptyHistory(), saves: [] };

export function reduce(state: Drafts, action: Action): Drafts {
  switch (action.type) {
    case "restored":
      return { ...state, byKey: merged(state.byKey, action.drafts), saves: action.saves };
    case "loaded":
      return action.images.reduce(loaded, state);
    case "edited":
      return edited(state, action.kind, action.press, action.changes);
    case "measured":
      return measured(state, action.key, action.size);
    case "undone": {
      const [history, step] = undo(state.history);
      return { ...state, history, byKey: replayed(state.byKey, step, "before") };
    }
    case "redone": {
      const [history, step] = redo(state.history);
      return { ...state, history, byKey: replayed(state.byKey, step, "after") };
    }
    case "suggested":
      return suggested(state, action.suggestions);
    case "sending":
      return { ...state, saves: [...state.saves, action.save] };
    case "answered":
      return answered(state, action.requestId, action.answer);
    case "refused":
      return { ...state, saves: state.saves.filter((s) => s.requestId !== action.requestId) };
    case "resolved":
      return resolved(state, action.key, action.choice);
    case "discarded":
      return discarded(state);
    case "labelChanged":
      return labelChanged(state, action.from, action.to);
  }
}

export const unsaved = (state: Drafts): readonly Draft[] =>
  [...state.byKey.values()].filter((draft) => draft.isUnsaved);

export const conflicts = (state: Drafts): readonly Draft[] =>
  [...state.byKey.values()].filter((draft) => draft.conflict !== null);

/** Whether losing the draft would lose work; such drafts are kept in the browser. */
export const isWorthKeeping = (draft: Draft): boolean =>
  draft.isUnsaved || draft.conflict !== null || draft.labels.suggested !== null;

/** The change that saves a draft. */
export function changeOf({ image, revision, labels }: Draft): EntryChange {
  const size =
    image.width === null || image.height === null ? {} : { width: image.width, height: image.height };
  return { source_ref: image.source_ref, revision, ...contentOf(labels), ...size };
}

function made(draft: Omit<Draft, "isUnsaved">): Draft {
  return { ...draft, isUnsaved: !sameContent(draft.labels, draft.base) };
}

function merged(byKey: ReadonlyMap<string, Draft>, drafts: readonly Draft[]): Map<string, Draft> {
  const all = new Map(byKey);
  for (const draft of drafts) all.set(draft.image.source_ref, draft);
  return all;
}

/** Take in an entry as read, without touching what is not saved. */
function loaded(state: Drafts, read: DatasetImage): Drafts {
  const key = read.source_ref;
  const draft = state.byKey.get(key);
  const image = withSize(read, draft?.image);
  const theirs = labelsOf(image);
  if (draft === undefined) {
    return put(state, made({ image, base: theirs, revision: image.revision, labels: theirs, conflict: null, rejected: null }));
  }
  if (draft.revision === image.revision) {
    return put(state, { ...draft, image, conflict: null });
  }
  if (sameContent(draft.base, theirs)) {
    return put(state, { ...draft, image, revision: image.revision, conflict: null });
  }
  if (draft.isUnsaved && !sameContent(draft.labels, theirs)) {
    return put(state, { ...draft, conflict: { theirs: image } });
  }
  const taken = put(state, adopted(draft, image));
  return { ...taken, history: without(taken.history, key) };
}

/** Keep a size that was measured here: an entry without boxes says none. */
function withSize(image: DatasetImage, size: Pick<DatasetImage, "width" | "height"> | undefined): DatasetImage {
  if (size === undefined || (image.width !== null && image.height !== null)) return image;
  return { ...image, width: size.width, height: size.height };
}

function measured(state: Drafts, key: string, size: Size): Drafts {
  const draft = state.byKey.get(key);
  if (draft === undefined || (draft.image.width !== null && draft.image.height !== null)) return state;
  return put(state, { ...draft, image: withSize(draft.image, size) });
}

/** A draft that holds what the server holds. */
function adopted(draft: Draft, image: DatasetImage): Draft {
  const theirs = labelsOf(image);
  const suggested = isAnswered(theirs) ? null : draft.labels.suggested;
  const labels = sameContent(draft.labels, theirs) ? draft.labels : { ...theirs, suggested };
  return made({ image, base: labels, revision: image.revision, labels, conflict: null, rejected: null });
}

function put(state: Drafts, draft: Draft): Drafts {
  return { ...state, byKey: merged(state.byKey, [draft]) };
}

function edited(
  state: Drafts,
  kind: string,
  press: number | null,
  changes: ReadonlyMap<string, Labels>,
): Drafts {
  const drafts: Draft[] = [];
  const step: Step<Labels> = {
    kind,
    press,
    changes: [...changes].flatMap(([key, after]) => {
      const draft = state.byKey.get(key);
      if (draft === undefined || isSame(draft.labels, after)) return [];
      drafts.push(made({ ...draft, labels: after, rejected: null }));
      return [{ key, before: draft.labels, after }];
    }),
  };
  if (drafts.length === 0) return state;
  return { ...state, byKey: merged(state.byKey, drafts), history: record(state.history, step) };
}

const isSame = (a: Labels, b: Labels): boolean =>
  a === b || (a.suggested === b.suggested && sameContent(a, b));

function replayed(
  byKey: ReadonlyMap<string, Draft>,
  step: Step<Labels> | null,
  side: "before" | "after",
): ReadonlyMap<string, Draft> {
  const drafts = (step?.changes ?? []).flatMap((change) => {
    const draft = byKey.get(change.key);
    return draft === undefined ? [] : [made({ ...draft, labels: change[side], rejected: null })];
  });
  return merged(byKey, drafts);
}

/** Lay predictions beside pictures that have no labels yet. */
function suggested(state: Drafts, suggestions: ReadonlyMap<string, Suggested>): Drafts {
  const drafts = [...suggestions].flatMap(([key, one]) => {
    const draft = state.byKey.get(key);
    if (draft === undefined || isAnswered(draft.labels)) return [];
    return [{ ...draft, labels: { ...draft.labels, suggested: one } }];
  });
  return { ...state, byKey: merged(state.byKey, drafts) };
}

function answered(state: Drafts, requestId: string, answer: SavedEntries): Drafts {
  const save = state.saves.find((one) => one.requestId === requestId);
  if (save === undefined) return state;
  const sent = new Map(save.sent);
  const drafts = new Map(state.byKey);
  const change = (key: string, by: (draft: Draft, sent: Labels) => Draft): void => {
    const [draft, labels] = [drafts.get(key), sent.get(key)];
    if (draft !== undefined && labels !== undefined) drafts.set(key, by(draft, labels));
  };
  for (const { source_ref, revision } of answer.saved) {
    change(source_ref, (draft, base) =>
      made({ ...draft, base, revision, conflict: null, rejected: null }),
    );
  }
  for (const { source_ref, image } of answer.conflicts) {
    change(source_ref, (draft, labels) => conflicting(draft, labels, image));
  }
  for (const { source_ref, code } of answer.rejected) {
    change(source_ref, (draft) => ({ ...draft, rejected: code }));
  }
  const saves = state.saves.filter((one) => one !== save);
  return { ...state, byKey: drafts, saves };
}

function conflicting(draft: Draft, sent: Labels, image: DatasetImage | null): Draft {
  if (image === null) return { ...draft, conflict: { theirs: null } };
  const theirs = labelsOf(image);
  // Only the revision moved, as after a rename: mine can be saved over it.
  if (sameContent(draft.base, theirs)) return { ...draft, revision: image.revision, conflict: null };
  // Both did the same.
  if (sameContent(sent, theirs)) {
    return made({ ...draft, base: sent, revision: image.revision, conflict: null });
  }
  return { ...draft, conflict: { theirs: image } };
}

function resolved(state: Drafts, key: string, choice: "mine" | "theirs"): Drafts {
  const draft = state.byKey.get(key);
  if (draft === undefined || draft.conflict === null) return state;
  const { theirs } = draft.conflict;
  if (choice === "theirs" && theirs === null) return dropped(state, key);
  const base = theirs === null ? NO_LABELS : labelsOf(theirs);
  const settled = made({
    ...draft,
    image: theirs ?? draft.image,
    base,
    revision: theirs?.revision ?? null,
    conflict: null,
  });
  const next = put(state, settled);
  // As a step, so that taking theirs can be undone.
  return choice === "mine" ? next : edited(next, "theirs", null, new Map([[key, base]]));
}

function dropped(state: Drafts, key: string): Drafts {
  const byKey = new Map(state.byKey);
  byKey.delete(key);
  return { ...state, byKey, history: without(state.history, key) };
}

function discarded(state: Drafts): Drafts {
  const byKey = new Map(state.byKey);
  for (const [key, draft] of byKey) {
    const theirs = draft.conflict?.theirs;
    if (theirs) byKey.set(key, adopted({ ...draft, labels: NO_LABELS }, theirs));
    else if (draft.revision === null || draft.conflict !== null) byKey.delete(key);
    else byKey.set(key, made({ ...draft, labels: { ...draft.base, suggested: null }, rejected: null }));
  }
  // A request whose answer is unknown is not repeated: reading again shows whether it was written.
  return { byKey, history: emptyHistory(), saves: [] };
}

function labelChanged(state: Drafts, from: string, to: string | null): Drafts {
  const by = (labels: Labels): Labels => relabelledEverywhere(labels, from, to);
  const drafts = [...state.byKey.values()].map((draft) =>
    made({ ...draft, base: by(draft.base), labels: by(draft.labels) }),
  );
  return { ...state, byKey: merged(state.byKey, drafts), history: mapped(state.history, by) };
}
