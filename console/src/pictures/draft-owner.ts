/** Tells the tabs of one browser apart, so that none takes the drafts of another that is open. */
const KEY = "lensmith.tab";
/** After this a tab whose lock is held counts as open, though it is too busy to say so. */
const PATIENCE_MS = 2000;
/** How long other tabs have to answer one that begins, where there are no locks: on pages of plain HTTP. */
const CLAIM_MS = 150;
/** The same for one that would take the drafts of another, which may be busy. */
const ASK_MS = 1000;

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

type Locks = Pick<LockManager, "query" | "request">;
type Release = () => void;

const random = (): string =>
  [...crypto.getRandomValues(new Uint8Array(12))].map((b) => b.toString(16).padStart(2, "0")).join("");

const locksOfBrowser = (): Locks | null => (globalThis.navigator as Partial<Navigator> | undefined)?.locks ?? null;

/** Claim this tab's id: the one from before a reload, or a new one if a copy of the tab has it. */
export async function claimDraftOwner(
  storage: Storage = sessionStorage,
  locks: Locks | null = locksOfBrowser(),
): Promise<DraftOwner> {
  const peers = new Peers(locks);
  let id = read(storage) ?? random();
  let release = await peers.take(id, CLAIM_MS);
  if (release === null) {
    id = random();
    release = await peers.take(id, CLAIM_MS);
  }
  peers.claimed = id;
  write(storage, id);
  return {
    id,
    isGone: async (owner) => {
      const free = await peers.take(owner, ASK_MS);
      free?.();
      return free !== null;
    },
    close: () => {
      release?.();
      peers.close();
    },
  };
}

/** The tabs of this browser: each holds the lock of its id, and says that it is there when asked. */
class Peers {
  claimed: string | null = null;
  private readonly self = random();
  private readonly channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(KEY);

  constructor(private readonly locks: Locks | null) {
    this.channel?.addEventListener("message", ({ data }: MessageEvent<Message>) => {
      if (data.kind === "ask" && data.from !== this.self && data.owner === this.claimed) {
        this.channel?.postMessage({ kind: "here", owner: data.owner, from: this.self } satisfies Message);
      }
    });
  }

  close(): void {
    this.channel?.close();
  }

  /**
   * Take the id of a tab that is gone, or of none, until it is released; null if one has it. Without
   * locks one that does not answer in `ms` counts as gone.
   */
  take(owner: string, ms: number): Promise<Release | null> {
    return new Promise((resolve) => {
      const ended = new AbortController();
      const end = (release: Release | null): void => {
        clearTimeout(timer);
        ended.abort();
        resolve(release);
      };
      const { locks } = this;
      const name = `${KEY}.${owner}`;
      // Only who waits behind another says that it is held: a busy browser gives a free one late.
      const unlessFree = ({ pending = [] }: LockManagerSnapshot): void => {
        if (pending.some((one) => one.name === name)) end(null);
      };
      const timer =
        locks === null
          ? setTimeout(() => end(() => undefined), this.channel === null ? 0 : ms)
          : setTimeout(() => void locks.query().then(unlessFree, () => end(null)), PATIENCE_MS);
      this.channel?.addEventListener(
        "message",
        ({ data }: MessageEvent<Message>) => data.kind === "here" && data.owner === owner && end(null),
        { signal: ended.signal },
      );
      this.channel?.postMessage({ kind: "ask", owner, from: this.self } satisfies Message);
      // The lock of a tab that is going away comes late, and of one that is open never.
      locks
        ?.request(name, { signal: ended.signal }, () =>
          ended.signal.aborted ? undefined : new Promise<void>((release) => end(release)),
        )
        .catch(() => end(null));
    });
  }
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
