/** Messages above the page: the outcome of everything that takes time. */
import type { FlashbarProps } from "@cloudscape-design/components/flashbar";
import { useSyncExternalStore } from "react";

export type Notice = Pick<
  FlashbarProps.MessageDefinition,
  "type" | "header" | "content" | "loading" | "action"
> & {
  /** A notice of the same id takes the place of the one before. */
  readonly id: string;
  readonly lasting?: boolean;
};

const SUCCESS_MS = 8_000;

let notices: readonly Notice[] = [];
let count = 0;
const listeners = new Set<() => void>();

function change(next: readonly Notice[]): void {
  notices = next;
  for (const listener of listeners) listener();
}

/** Show a notice; returns its id. Successes leave by themselves unless they are lasting. */
export function notify(notice: Omit<Notice, "id"> & { readonly id?: string }): string {
  count += 1;
  const id = notice.id ?? `notice-${count}`;
  const shown: Notice = { ...notice, id };
  change([shown, ...notices.filter((one) => one.id !== id)]);
  if (notice.type === "success" && notice.lasting !== true) {
    setTimeout(() => change(notices.filter((one) => one !== shown)), SUCCESS_MS);
  }
  return id;
}

/** The browser kept the clipboard closed: show the text, to be copied by hand. */
export const notifyFailedCopy = (header: string, text: string): string =>
  notify({ type: "warning", header, content: text, id: "copied" });

export const dismiss = (id: string): void => change(notices.filter((one) => one.id !== id));

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useNotices = (): readonly Notice[] => useSyncExternalStore(subscribe, () => notices);
