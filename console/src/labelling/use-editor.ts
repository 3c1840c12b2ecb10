/** The box editor's state, and what each command does to the picture shown. */
import { type RefObject, useEffect, useEffectEvent, useRef, useState } from "react";
import {
  type Box,
  centred,
  CORNERS,
  type Handle,
  movedTogether,
  type Rect,
  refusal,
  type Refusal,
  resized,
  type Size,
  tabbedTo,
  tabOrder,
} from "../pictures/boxes.ts";
import type { Draft } from "../pictures/drafts.ts";
import type { CanvasControl } from "../pictures/editor/canvas.tsx";
import type { GestureEvents, Tool } from "../pictures/editor/gestures.ts";
import {
  acceptedAll,
  acceptedBoxes,
  allBoxes,
  boxId,
  changedBoxes,
  isAnswered,
  isSuggested,
  type Labels,
  rejectedAll,
  repeatedBoxes,
  toggledImageLabel,
  toggledNothingHere,
  withBoxes,
  withImageLabel,
  withoutBoxes,
  withoutImageLabel,
} from "../pictures/labels.ts";
import { edit, useLabelling } from "./labelling.ts";
import { type Preferences, prefer } from "./preferences.ts";
import type { Command } from "./shortcuts.ts";

export type Mode = "boxes" | "whole";
export type Notice = Refusal | "no-label" | "no-previous" | "has-labels" | "nothing-copied";

export interface EditorState {
  readonly mode: Mode;
  readonly tool: Tool;
  readonly label: string | null;
  readonly selected: ReadonlySet<string>;
  readonly grabbed: Handle | null;
  readonly highlighted: string | null;
  readonly isHidden: boolean;
  readonly notice: Notice | null;
}

export interface Editor extends EditorState {
  readonly events: GestureEvents;
  readonly change: (change: Partial<EditorState>) => void;
  readonly pick: (name: string) => void;
  readonly relabel: (name: string) => void;
  readonly run: (command: Command) => boolean;
  readonly nudge: (dx: number, dy: number) => void;
  readonly walk: (step: 1 | -1) => boolean;
  readonly remove: (ids: ReadonlySet<string>) => void;
  readonly accept: (ids: ReadonlySet<string>) => void;
  readonly answerLabel: (name: string, isRight: boolean) => void;
}

export interface EditorInput {
  readonly keys: readonly string[];
  readonly draft: Draft;
  readonly size: Size | null;
  readonly preferences: Preferences;
  readonly control: RefObject<CanvasControl | null>;
  /** Counts presses of keys, so that holding one down is one step. */
  readonly press: RefObject<number>;
  readonly onShow: (key: string) => void;
  readonly onDone: () => void;
}

const NONE: ReadonlySet<string> = new Set();
const START: EditorState = {
  mode: "boxes",
  tool: "draw",
  label: null,
  selected: NONE,
  grabbed: null,
  highlighted: null,
  isHidden: false,
  notice: null,
};
/** How far an arrow key moves the picture when no box is selected, in pixels of the screen. */
const PAN = 60;

export function useEditor(input: EditorInput): Editor {
  const { keys, draft, size, preferences, control, press } = input;
  const { session, drafts, labels: known } = useLabelling();
  const [held, setHeld] = useState<EditorState & { readonly of: string }>({ ...START, of: "" });
  const copied = useRef<readonly Box[]>([]);
  /** What is pasted into a picture as soon as its size is known. */
  const awaited = useRef<{ readonly key: string; readonly from: readonly Box[] } | null>(null);
  const key = draft.image.source_ref;
  const boxes = allBoxes(draft.labels);
  const isHere = held.of === key;
  const label = known.some(({ name }) => name === held.label) ? held.label : (known[0]?.name ?? null);
  const there = new Set(boxes.map((box) => box.id));
  const selected = isHere ? new Set([...held.selected].filter((id) => there.has(id))) : NONE;
  const state: EditorState = {
    ...held,
    label,
    selected,
    grabbed: isHere && selected.size === 1 ? held.grabbed : null,
    highlighted: isHere ? held.highlighted : null,
  };
  const chosen = boxes.filter((box) => selected.has(box.id));

  const change = (next: Partial<EditorState>): void =>
    setHeld((now) => ({ ...now, ...(now.of === key ? {} : { selected: NONE, grabbed: null }), ...next, of: key }));
  const apply = (kind: string, by: (labels: Labels) => Labels, pressed: number | null = null): void =>
    edit(session, kind, [key], by, pressed);
  const notice = (what: Notice): void => change({ notice: what });
  const show = (at: string | undefined): void => {
    if (at !== undefined) input.onShow(at);
  };
  const step = (by: 1 | -1): void => show(keys[keys.indexOf(key) + by]);

  const select = (ids: ReadonlySet<string>): void => change({ selected: ids, grabbed: null, notice: null });

  const add = (rect: Rect): void => {
    if (label === null) return notice("no-label");
    const id = boxId();
    apply("draw", (labels) => withBoxes(labels, [{ ...rect, id, label }]));
    change({
      selected: new Set([id]),
      grabbed: null,
      notice: null,
      tool: preferences.isLocked ? state.tool : "select",
    });
  };

  const relabel = (name: string): void => {
    apply("relabel", (labels) => changedBoxes(labels, new Map([...selected].map((id) => [id, { label: name }]))));
    change({ label: name });
  };

  const pick = (name: string): void => {
    if (state.mode === "whole") {
      const has = draft.labels.imageLabels.includes(name);
      apply("assign", (labels) => toggledImageLabel(labels, name));
      if (!has && preferences.advances) step(1);
    } else if (selected.size > 0 && state.tool === "select") relabel(name);
    else change({ label: name, tool: "draw" });
  };

  const remove = (ids: ReadonlySet<string>): void => {
    if (ids.size === 0) return;
    apply("delete", (labels) => withoutBoxes(labels, ids));
    change({ selected: NONE, grabbed: null, highlighted: null });
  };

  const accept = (ids: ReadonlySet<string>): void => apply("accept", (labels) => acceptedBoxes(labels, ids));

  const answerLabel = (name: string, isRight: boolean): void =>
    apply(isRight ? "accept" : "reject", (labels) =>
      isRight ? withImageLabel(labels, name) : withoutImageLabel(labels, name),
    );

  /** Accept or reject what is selected, or the first suggestion; then go on to the next one. */
  const review = (isRight: boolean): void => {
    const waiting = tabOrder(draft.labels.suggested?.boxes ?? [], null);
    const mine = chosen.filter(isSuggested);
    const answered = mine.length > 0 ? mine : waiting.slice(0, 1);
    const [first] = draft.labels.suggested?.labels ?? [];
    if (answered.length === 0) {
      if (first !== undefined) answerLabel(first.name, isRight);
      return;
    }
    const ids = new Set(answered.map((box) => box.id));
    apply(isRight ? "accept" : "reject", (labels) =>
      isRight ? acceptedBoxes(labels, ids) : withoutBoxes(labels, ids),
    );
    const next = waiting.find((box) => !ids.has(box.id));
    change({ selected: next === undefined ? NONE : new Set([next.id]), grabbed: null, tool: "select" });
  };

  const nudge = (dx: number, dy: number): void => {
    const [only] = chosen;
    if (only === undefined || size === null) {
      control.current?.stage.panBy(-Math.sign(dx) * PAN, -Math.sign(dy) * PAN);
      return;
    }
    const rects: readonly (readonly [string, Rect])[] =
      state.grabbed === null
        ? movedTogether(chosen, dx, dy, size).map((box) => [box.id, box])
        : [[only.id, resized(only, state.grabbed, dx, dy, size)]];
    apply("nudge", (labels) => changedBoxes(labels, onlyRects(rects)), press.current);
  };

  const walk = (by: 1 | -1): boolean => {
    if (state.isHidden) return false;
    const [current] = chosen;
    const next = tabbedTo(tabOrder(boxes, control.current?.point() ?? null), current?.id ?? null, by);
    select(next === null ? NONE : new Set([next.id]));
    return next !== null;
  };

  const grab = (): void => {
    if (selected.size !== 1) return;
    const at = state.grabbed === null ? -1 : CORNERS.indexOf(state.grabbed as (typeof CORNERS)[number]);
    change({ grabbed: CORNERS[at + 1] ?? null });
  };

  const paste = (from: readonly Box[], empty: Notice): void => {
    if (from.length === 0) return notice(empty);
    awaited.current = size === null ? { key, from } : null;
    if (size === null) return;
    const before = new Set(draft.labels.boxes.map((box) => box.id));
    const next = repeatedBoxes(draft.labels, from, size);
    apply("paste", () => next);
    select(new Set(next.boxes.filter((box) => !before.has(box.id)).map((box) => box.id)));
    change({ tool: "select" });
  };
  const measured = size === null ? null : key;
  const pasteAwaited = useEffectEvent((into: string) => {
    const { current } = awaited;
    awaited.current = null;
    if (current?.key === into) paste(current.from, "nothing-copied");
  });
  useEffect(() => {
    if (measured !== null) pasteAwaited(measured);
  }, [measured]);

  const previousBoxes = (): readonly Box[] => {
    for (let at = keys.indexOf(key) - 1; at >= 0; at -= 1) {
      const found = drafts.byKey.get(keys[at] ?? "")?.labels.boxes ?? [];
      if (found.length > 0) return found;
    }
    return [];
  };

  const newBox = (): void => {
    const seen = control.current?.stage.seen();
    if (seen === undefined || size === null) return;
    const rect = centred(seen, size);
    const reason = label === null ? "no-label" : refusal(draft.labels.boxes.length, rect, size);
    if (reason === null) add(rect);
    else notice(reason);
  };

  const escape = (): void => {
    if (control.current?.cancel()) return;
    if (state.grabbed !== null) change({ grabbed: null });
    else if (selected.size > 0) select(NONE);
    else if (state.tool === "draw") change({ tool: "select" });
  };

  const nextOpen = (): void => {
    const at = keys.indexOf(key);
    const order = [...keys.slice(at + 1), ...keys.slice(0, at)];
    show(order.find((one) => !isAnswered(drafts.byKey.get(one)?.labels ?? draft.labels)));
  };

  const nothing = (): void => {
    if (!draft.labels.nothingHere && isAnswered(draft.labels)) return notice("has-labels");
    apply("nothing", toggledNothingHere);
    change({ notice: null });
  };

  const zoomBox = (): void => {
    const at = chosen[0] ?? boxes.find((box) => box.id === state.highlighted);
    if (at !== undefined) control.current?.stage.zoomTo(at);
  };

  const commands: Partial<Record<Command, () => void>> = {
    select: () => change({ tool: "select" }),
    draw: () => change({ tool: "draw", mode: "boxes" }),
    lock: () => prefer({ isLocked: !preferences.isLocked }),
    whole: () => change({ mode: state.mode === "whole" ? "boxes" : "whole", selected: NONE, grabbed: null }),
    newBox,
    grab,
    remove: () => remove(selected),
    selectAll: () => change({ selected: there, grabbed: null, tool: "select" }),
    copy: () => {
      copied.current = chosen;
    },
    paste: () => paste(copied.current, "nothing-copied"),
    repeat: () => paste(previousBoxes(), "no-previous"),
    next: () => step(1),
    previous: () => step(-1),
    nextOpen,
    nothing,
    done: input.onDone,
    accept: () => review(true),
    reject: () => review(false),
    acceptAll: () => apply("accept", acceptedAll),
    rejectAll: () => apply("reject", rejectedAll),
    hide: () => change({ isHidden: !state.isHidden }),
    names: () => prefer({ hasNames: !preferences.hasNames }),
    guides: () => prefer({ hasGuides: !preferences.hasGuides }),
    fit: () => control.current?.stage.fit(),
    zoomBox,
    zoomIn: () => control.current?.stage.zoomBy(1.25),
    zoomOut: () => control.current?.stage.zoomBy(0.8),
    escape,
  };

  return {
    ...state,
    change,
    pick,
    relabel,
    nudge,
    walk,
    remove,
    accept,
    answerLabel,
    run: (command) => {
      const action = commands[command];
      action?.();
      return action !== undefined;
    },
    events: {
      onSelect: select,
      onDraw: add,
      onRefuse: notice,
      onHover: (id) => change({ highlighted: id }),
      onChange: (kind, rects) => apply(kind, (labels) => changedBoxes(labels, onlyRects(rects))),
    },
  };
}

/** Rectangles without what else a box holds, such as the label it had when the drag began. */
const onlyRects = (rects: Iterable<readonly [string, Rect]>): ReadonlyMap<string, Rect> =>
  new Map(
    [...rects].map(([id, { left, top, width, height }]) => [id, { left, top, width, height }]),
  );
