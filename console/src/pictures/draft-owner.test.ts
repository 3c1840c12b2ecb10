import { afterEach, describe, expect, it, vi } from "vitest";
import { claimDraftOwner } from "./draft-owner.ts";

type Grant = () => Promise<void> | undefined;

/** The exclusive locks of one browser; Node 20 has none. */
class BrowserLocks {
  private readonly held = new Map<string, Promise<unknown>>();
  private readonly pending = new Set<LockInfo>();

  /** The browser answers nothing before that. */
  busy: Promise<void> = Promise.resolve();

  readonly query = async (): Promise<LockManagerSnapshot> => {
    await this.busy;
    return { held: [], pending: [...this.pending] };
  };

  readonly request = (async (name: string, options: LockOptions, grant: Grant) => {
    await this.busy;
    const waiting = { name };
    while (this.held.has(name)) {
      this.pending.add(waiting);
      await Promise.race([this.held.get(name), aborted(options.signal)]);
      this.pending.delete(waiting);
      options.signal?.throwIfAborted();
    }
    const holding = Promise.resolve(grant());
    this.held.set(name, holding);
    await holding;
    this.held.delete(name);
  }) as LockManager["request"];
}

const aborted = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => signal?.addEventListener("abort", () => resolve()));

function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  } as unknown as Storage;
}

afterEach(() => void vi.useRealTimers());

describe("tabs of a browser with locks", () => {
  it("are open for as long as they hold their lock", async () => {
    const locks = new BrowserLocks();
    const [first, second] = [await claimDraftOwner(storage(), locks), await claimDraftOwner(storage(), locks)];
    expect(await second.isGone(first.id)).toBe(false);
    first.close();
    expect(await second.isGone(first.id)).toBe(true);
    second.close();
  });

  it("count as open while they are too busy to answer", async () => {
    const locks = new BrowserLocks();
    void locks.request("lensmith.tab.busy", {}, () => new Promise(() => undefined));
    const owner = await claimDraftOwner(storage(), locks);
    expect(await owner.isGone("busy")).toBe(false);
    owner.close();
  });

  it("are known to be gone, however late the browser gives their lock", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const locks = new BrowserLocks();
    const owner = await claimDraftOwner(storage(), locks);
    locks.busy = new Promise((resolve) => setTimeout(resolve, 60_000));
    const isGone = owner.isGone("crashed");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await isGone).toBe(true);
    owner.close();
  });

  it("get their id back after a reload, once the page before has gone", async () => {
    const [locks, kept] = [new BrowserLocks(), storage()];
    const before = await claimDraftOwner(kept, locks);
    const reloading = claimDraftOwner(kept, locks);
    before.close();
    const after = await reloading;
    expect(after.id).toBe(before.id);
    const copy = await claimDraftOwner(kept, locks);
    expect(copy.id).not.toBe(after.id);
    copy.close();
    after.close();
  });
});

describe("tabs of a browser without locks", () => {
  it("are waited for, since they may be busy", async () => {
    const slow = new BroadcastChannel("lensmith.tab");
    slow.addEventListener("message", ({ data }: MessageEvent<{ kind: string; owner: string }>) => {
      if (data.kind !== "ask" || data.owner !== "slow") return;
      setTimeout(() => slow.postMessage({ kind: "here", owner: "slow", from: "slow" }), 300);
    });
    const owner = await claimDraftOwner(storage(), null);
    expect(await owner.isGone("slow")).toBe(false);
    slow.close();
    expect(await owner.isGone("slow")).toBe(true);
    owner.close();
  });
});
