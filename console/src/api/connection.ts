/** Whether the server can be reached, as the last request found it. */
type Listener = () => void;

let lost = false;
const listeners = new Set<Listener>();

export const connection = {
  isLost: (): boolean => lost,
  subscribe(listener: Listener): Listener {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  report(reachable: boolean): void {
    if (lost === !reachable) return;
    lost = !reachable;
    for (const listener of listeners) listener();
  },
};
