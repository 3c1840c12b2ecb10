/** How somebody likes to label, kept in this browser. */
import { useSyncExternalStore } from "react";

export interface Preferences {
  /** Stay in the drawing tool after a box. */
  readonly isLocked: boolean;
  readonly hasNames: boolean;
  readonly hasGuides: boolean;
  /** Go to the next picture after a label for the whole picture. */
  readonly advances: boolean;
  readonly hasTips: boolean;
}

const KEY = "lensmith.labelling";
const DEFAULTS: Preferences = {
  isLocked: true,
  hasNames: false,
  hasGuides: true,
  advances: true,
  hasTips: true,
};

let preferences = stored();
const listeners = new Set<() => void>();

function stored(): Preferences {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return { ...DEFAULTS, ...(value as Partial<Preferences>) };
  } catch {
    return DEFAULTS;
  }
}

export function prefer(change: Partial<Preferences>): void {
  preferences = { ...preferences, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // Without storage it holds as long as the page.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const usePreferences = (): Preferences => useSyncExternalStore(subscribe, () => preferences);
