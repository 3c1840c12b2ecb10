/** The session's token: in this tab's sessionStorage, handed on to new tabs of the same browser. */
const KEY = "lensmith.session";
const ASK_MS = 120;

type Listener = () => void;

let token = stored();
const listeners = new Set<Listener>();
const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(KEY);

channel?.addEventListener("message", (event: MessageEvent<unknown>) => {
  const message = event.data as { kind?: string; token?: string };
  if (message.kind === "ask" && token !== null) channel.postMessage({ kind: "answer", token });
  if (message.kind === "answer" && token === null && message.token) set(message.token);
  if (message.kind === "end") set(null);
});

function stored(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function set(value: string | null): void {
  if (value === token) return;
  token = value;
  try {
    if (value === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, value);
  } catch {
    // Without storage the session lasts as long as the page.
  }
  for (const listener of listeners) listener();
}

export const session = {
  token: (): string | null => token,
  begin: (value: string): void => set(value),
  end: (): void => set(null),
  endEverywhere(): void {
    channel?.postMessage({ kind: "end" });
    set(null);
  },
  /** Ask the other tabs of this browser; resolves once one has answered or none will. */
  async askOtherTabs(): Promise<void> {
    if (token !== null || channel === null) return;
    channel.postMessage({ kind: "ask" });
    await new Promise<void>((resolve) => {
      setTimeout(resolve, ASK_MS);
      listeners.add(resolve);
    });
  },
  subscribe(listener: Listener): Listener {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
