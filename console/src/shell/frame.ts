/** What a page tells the frame around it: breadcrumbs, help, and whether it wants all the room. */
import { type ReactNode, useSyncExternalStore } from "react";

export interface Crumb {
  readonly text: string;
  readonly href: string;
}

export interface Frame {
  readonly crumbs: readonly Crumb[];
  readonly help: ReactNode;
  readonly helpOpen: boolean;
  /** Without top bar and navigation, as labelling needs it. */
  readonly focused: boolean;
}

const EMPTY: Frame = { crumbs: [], help: null, helpOpen: false, focused: false };

let frame = EMPTY;
const listeners = new Set<() => void>();

export function changeFrame(change: Partial<Frame>): void {
  frame = { ...frame, ...change };
  for (const listener of listeners) listener();
}

/** Open the help panel; with `help`, show that in place of the page's own. */
export const openHelp = (help?: ReactNode): void =>
  changeFrame(help === undefined ? { helpOpen: true } : { help, helpOpen: true });

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useFrame = (): Frame => useSyncExternalStore(subscribe, () => frame);
