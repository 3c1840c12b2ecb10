/** The keys of labelling mode: one table for what they do and for the sheet that lists them. */

export type View = "editor" | "grid";
export type Group = "tools" | "boxes" | "pictures" | "suggestions" | "view" | "everywhere";

interface Shortcut {
  readonly keys: readonly string[];
  readonly group: Group;
  readonly views: readonly View[];
  /** Whether holding the key down repeats it. */
  readonly repeats?: boolean;
  /** Shown in the sheet only; the key is handled where it is pressed. */
  readonly shownOnly?: boolean;
}

const editor = ["editor"] as const;
const grid = ["grid"] as const;
const both = ["editor", "grid"] as const;

export const SHORTCUTS = {
  select: { keys: ["V"], group: "tools", views: editor },
  draw: { keys: ["D"], group: "tools", views: editor },
  lock: { keys: ["L"], group: "tools", views: editor },
  whole: { keys: ["W"], group: "tools", views: editor },
  pickLabel: { keys: ["1 … 9"], group: "tools", views: both, shownOnly: true },
  relabel: { keys: ["Shift+1 … 9"], group: "boxes", views: editor, shownOnly: true },
  newBox: { keys: ["Enter"], group: "boxes", views: editor },
  walk: { keys: ["Tab", "Shift+Tab"], group: "boxes", views: editor, shownOnly: true },
  nudge: { keys: ["← ↑ → ↓"], group: "boxes", views: editor, shownOnly: true },
  nudgeFar: { keys: ["Shift+← ↑ → ↓"], group: "boxes", views: editor, shownOnly: true },
  grab: { keys: ["C"], group: "boxes", views: editor },
  remove: { keys: ["Delete", "Backspace"], group: "boxes", views: editor },
  selectAll: { keys: ["Ctrl+A"], group: "everywhere", views: both },
  copy: { keys: ["Ctrl+C"], group: "boxes", views: editor },
  paste: { keys: ["Ctrl+V"], group: "boxes", views: editor },
  repeat: { keys: ["R"], group: "boxes", views: editor },
  next: { keys: ["N", "PageDown"], group: "pictures", views: editor, repeats: true },
  previous: { keys: ["P", "PageUp"], group: "pictures", views: editor, repeats: true },
  nextOpen: { keys: ["U"], group: "pictures", views: editor },
  nothing: { keys: ["E"], group: "pictures", views: both },
  done: { keys: ["G"], group: "pictures", views: editor },
  open: { keys: ["B"], group: "pictures", views: grid },
  assign: { keys: ["I"], group: "pictures", views: grid },
  toggle: { keys: ["Space", "Shift+Space"], group: "pictures", views: grid, shownOnly: true },
  accept: { keys: ["A"], group: "suggestions", views: editor },
  acceptAll: { keys: ["Shift+A"], group: "suggestions", views: both },
  reject: { keys: ["X"], group: "suggestions", views: editor },
  rejectAll: { keys: ["Shift+X"], group: "suggestions", views: both },
  hide: { keys: ["H"], group: "view", views: editor },
  names: { keys: ["T"], group: "view", views: editor },
  guides: { keys: ["K"], group: "view", views: editor },
  fit: { keys: ["F"], group: "view", views: editor },
  zoomBox: { keys: ["Z"], group: "view", views: editor },
  zoomIn: { keys: ["+", "="], group: "view", views: editor, repeats: true },
  zoomOut: { keys: ["-"], group: "view", views: editor, repeats: true },
  pan: { keys: ["Space"], group: "view", views: editor, shownOnly: true },
  undo: { keys: ["Ctrl+Z"], group: "everywhere", views: both, repeats: true },
  redo: { keys: ["Ctrl+Shift+Z", "Ctrl+Y"], group: "everywhere", views: both, repeats: true },
  save: { keys: ["Ctrl+S"], group: "everywhere", views: both },
  help: { keys: ["?"], group: "everywhere", views: both },
  escape: { keys: ["Escape"], group: "everywhere", views: both },
} as const satisfies Readonly<Record<string, Shortcut>>;

export type Command = keyof typeof SHORTCUTS;
export const COMMANDS = Object.keys(SHORTCUTS) as readonly Command[];

/** The name of what is pressed, as the table writes it; independent of keyboard and IME. */
export function combination(event: KeyPress): string {
  const key = keyName(event);
  if (key === "?" || key === "+" || key === "=") return key;
  const control = event.ctrlKey || event.metaKey ? "Ctrl+" : "";
  const alt = event.altKey ? "Alt+" : "";
  return `${control}${alt}${event.shiftKey ? "Shift+" : ""}${key}`;
}

export type KeyPress = Pick<
  KeyboardEvent,
  "key" | "code" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey"
>;

function keyName({ key, code }: KeyPress): string {
  if (/^[a-z]$/i.test(key)) return key.toUpperCase();
  // Other alphabets, and Japanese input, which gives "Process".
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter !== undefined) return letter;
  return key === " " ? "Space" : key;
}

/** The digit pressed, with or without Shift, or null. */
export function digit({ code, ctrlKey, metaKey, altKey }: KeyPress): string | null {
  if (ctrlKey || metaKey || altKey) return null;
  return /^(?:Digit|Numpad)([0-9])$/.exec(code)?.[1] ?? null;
}

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export const arrow = ({ key }: Pick<KeyboardEvent, "key">): readonly [number, number] | null =>
  ARROWS[key] ?? null;

/** The command of a press in a view, or null. */
export function commandOf(event: KeyPress & { readonly repeat: boolean }, view: View): Command | null {
  const pressed = combination(event);
  for (const command of COMMANDS) {
    const shortcut: Shortcut = SHORTCUTS[command];
    if (shortcut.shownOnly || !shortcut.views.includes(view)) continue;
    if (!shortcut.keys.includes(pressed)) continue;
    return event.repeat && !shortcut.repeats ? null : command;
  }
  return null;
}

/** Keys that a label can have: digits, so that none hides a command. */
export const LABEL_KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"] as const;

/** The key of each label: its own, and the digits left in the order of the list. */
export function labelKeys(
  labels: readonly { readonly name: string; readonly key: string | null }[],
): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  const taken = new Set<string>();
  for (const { name, key } of labels) {
    if (key === null || taken.has(key)) continue;
    keys.set(name, key);
    taken.add(key);
  }
  const free = LABEL_KEYS.filter((key) => !taken.has(key));
  for (const { name } of labels) {
    if (keys.has(name)) continue;
    const key = free.shift();
    if (key !== undefined) keys.set(name, key);
  }
  return keys;
}

/** Whether a press belongs to a field or a dialog and is none of ours. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest("[role=dialog],[role=listbox],[role=menu]") !== null) return true;
  const field = target.closest("input,textarea,select,[contenteditable=true]");
  return field !== null && !field.matches("input[type=checkbox],input[type=radio]");
}

export const isMac = (): boolean => navigator.platform.startsWith("Mac");
export const shownKey = (key: string, mac: boolean): string =>
  mac ? key.replace("Ctrl+", "⌘").replace("Shift+", "⇧") : key;
