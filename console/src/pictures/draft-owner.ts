/** Tells the tabs of one browser apart, so that none takes the drafts of another that is open. */
const KEY = "lensmith.tab";
const ASK_MS = 150;

interface Message {
  readonly kind: "ask" | "here";
  readonly owner: string;
  readonly from: string;
}

export interface DraftOwner {
  readonly id: string;
  isGone(owner: string): Promise<boolean>;
  close(): void;
}

const random = (): string =>
  [...crypto.getRandomValues(new Uint8Array(12))].map((b) => b.toString(16).padStart(2, "0")).join("");

/** Claim this tab's id: the one from before a reload, or a new one if a copy of the tab has it. */
export async function claimDraftOwner(storage: Storage = sessionStorage): Promise<DraftOwner> {
  const self = random();
  const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(KEY);
  let claimed: string | null = null;
  channel?.addEventListener("message", (event: MessageEvent<Message>) => {
    const { kind, owner, from } = event.data;
    if (kind === "ask" && from !== self && owner === claimed) {
      channel.postMessage({ kind: "here", owner, from: self } satisfies Message);
    }
  });
  const isGone = (owner: string): Promise<boolean> =>
    channel === null ? Promise.resolve(true) : unanswered(channel, owner, self);

  let id = read(storage) ?? random();
  if (!(await isGone(id))) id = random();
  claimed = id;
  write(storage, id);
  return { id, isGone, close: () => channel?.close() };
}

function unanswered(channel: BroadcastChannel, owner: string, from: string): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (gone: boolean): void => {
      clearTimeout(timer);
      channel.removeEventListener("message", listen);
      resolve(gone);
    };
    const listen = (event: MessageEvent<Message>): void => {
      if (event.data.kind === "here" && event.data.owner === owner) end(false);
    };
    const timer = setTimeout(() => end(true), ASK_MS);
    channel.addEventListener("message", listen);
    channel.postMessage({ kind: "ask", owner, from } satisfies Message);
  });
}

function read(storage: Storage): string | null {
  try {
    return storage.getItem(KEY);
  } catch {
    return null;
  }
}

function write(storage: Storage, id: string): void {
  try {
    storage.setItem(KEY, id);
  } catch {
    // Without storage a reload counts as a new tab, which takes the drafts over.
  }
}
