/** Undo and redo as a stack of steps across pictures: one press of a key or button, one step. */

export interface Change<State> {
  readonly key: string;
  readonly before: State;
  readonly after: State;
}

export interface Step<State> {
  /** What was done, in the language of the code: "draw", "move". */
  readonly kind: string;
  /** The press it came from; a key held down repeats within one press. */
  readonly press: number | null;
  readonly changes: readonly Change<State>[];
}

export interface History<State> {
  readonly past: readonly Step<State>[];
  readonly future: readonly Step<State>[];
}

export const MAX_STEPS = 500;

export const emptyHistory = <State>(): History<State> => ({ past: [], future: [] });

/** Add a step; one of the same press goes on with the last step. What was undone is gone. */
export function record<State>(history: History<State>, step: Step<State>): History<State> {
  if (step.changes.length === 0) return history;
  const last = history.past.at(-1);
  const same =
    last !== undefined &&
    step.press !== null &&
    last.press === step.press &&
    last.kind === step.kind &&
    last.changes.length === step.changes.length &&
    last.changes.every((change, i) => change.key === step.changes[i]?.key);
  if (!same) return { past: [...history.past, step].slice(-MAX_STEPS), future: [] };
  const changes = last.changes.map((change, i) => ({
    ...change,
    after: (step.changes[i] as Change<State>).after,
  }));
  return { past: [...history.past.slice(0, -1), { ...last, changes }], future: [] };
}

/** Take the last step back: the history left, and the step whose `before` holds again. */
export function undo<State>(history: History<State>): [History<State>, Step<State> | null] {
  const step = history.past.at(-1);
  if (step === undefined) return [history, null];
  return [{ past: history.past.slice(0, -1), future: [step, ...history.future] }, step];
}

/** Do the step last undone again: its `after` holds. */
export function redo<State>(history: History<State>): [History<State>, Step<State> | null] {
  const [step, ...future] = history.future;
  if (step === undefined) return [history, null];
  return [{ past: [...history.past, step], future }, step];
}

/** Apply a function to every state kept, as when a label is renamed everywhere. */
export function mapped<State>(
  history: History<State>,
  by: (state: State) => State,
): History<State> {
  const step = (one: Step<State>): Step<State> => ({
    ...one,
    changes: one.changes.map((c) => ({ key: c.key, before: by(c.before), after: by(c.after) })),
  });
  return { past: history.past.map(step), future: history.future.map(step) };
}

/** Drop the steps that touch a picture whose state came from elsewhere. */
export function without<State>(history: History<State>, key: string): History<State> {
  const other = (step: Step<State>): boolean => step.changes.every((change) => change.key !== key);
  return { past: history.past.filter(other), future: history.future.filter(other) };
}
