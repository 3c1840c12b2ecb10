/** Listens to the keys of labelling mode on the whole page, except in fields and dialogs. */
import { type RefObject, useEffect, useEffectEvent, useRef } from "react";
import { arrow, type Command, commandOf, digit, isTyping, type View } from "./shortcuts.ts";

export interface KeyHandlers {
  readonly view: View;
  /** Returns whether the command did something; else the browser may have the key. */
  readonly run: (command: Command) => boolean;
  readonly onDigit: (key: string, isShifted: boolean) => void;
  readonly onArrow?: (dx: number, dy: number) => void;
  /** Returns whether Tab stays in the canvas. */
  readonly onTab?: (step: 1 | -1) => boolean;
  readonly onSpace?: (isDown: boolean) => void;
}

const FAR = 10;

/** Whether a key is the button's own, such as Enter on a focused button. */
const presses = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest("button,a,[role=button],[role=slider],input") !== null;

export function useKeys(handlers: KeyHandlers): RefObject<number> {
  const press = useRef(0);
  const down = useEffectEvent((event: KeyboardEvent): void => {
    if (event.defaultPrevented || isTyping(event.target)) return;
    if (!event.repeat) press.current += 1;
    if (handles(event, handlers)) event.preventDefault();
  });
  const up = useEffectEvent((event: KeyboardEvent): void => {
    if (event.key === " ") handlers.onSpace?.(false);
  });
  useEffect(() => {
    const onDown = (event: KeyboardEvent): void => down(event);
    const onUp = (event: KeyboardEvent): void => up(event);
    addEventListener("keydown", onDown);
    addEventListener("keyup", onUp);
    return () => {
      removeEventListener("keydown", onDown);
      removeEventListener("keyup", onUp);
    };
  }, []);
  return press;
}

function handles(event: KeyboardEvent, handlers: KeyHandlers): boolean {
  const key = digit(event);
  if (key !== null) {
    handlers.onDigit(key, event.shiftKey);
    return true;
  }
  const step = arrow(event);
  if (step !== null) {
    if (handlers.onArrow === undefined || event.ctrlKey || event.metaKey || event.altKey) return false;
    const by = event.shiftKey ? FAR : 1;
    handlers.onArrow(step[0] * by, step[1] * by);
    return true;
  }
  if (event.key === "Tab") return handlers.onTab?.(event.shiftKey ? -1 : 1) ?? false;
  if (event.key === " " && handlers.onSpace !== undefined && !presses(event.target)) {
    handlers.onSpace(true);
    return true;
  }
  const command = commandOf(event, handlers.view);
  if (command === null || (event.key === "Enter" && presses(event.target))) return false;
  return handlers.run(command);
}
