/** The drafts of one dataset in one tab: the reducer's state, kept in the browser and saved. */
import { uuid } from "../api/uuid.ts";
import { ConnectionLost } from "../api/errors.ts";
import type { EntryChange, SavedEntries } from "../api/lensmith.ts";
import type { DraftDatabase } from "./draft-database.ts";
import type { DraftOwner } from "./draft-owner.ts";
import {
  type Action,
  changeOf,
  type Draft,
  type Drafts,
  isWorthKeeping,
  NO_DRAFTS,
  type PendingSave,
  reduce,
  unsaved,
} from "./drafts.ts";

/** Entries in one request; with 50 boxes each they stay far below 5 MB. */
const BATCH = 200;
/** Rounds of saving again what only another revision kept from being saved. */
const ROUNDS = 3;

export type SaveEntries = (
  requestId: string,
  changes: readonly EntryChange[],
) => Promise<SavedEntries>;

export interface SaveState {
  readonly isSaving: boolean;
  readonly error: unknown;
  /** False where the browser keeps nothing: unsaved labels end with the page. */
  readonly isKept: boolean;
}

export class DraftSession {
  private state: Drafts = NO_DRAFTS;
  private saveState: SaveState = { isSaving: false, error: null, isKept: true };
  private readonly listeners = new Set<() => void>();
  private running: Promise<void> | null = null;
  private writing: Promise<void> = Promise.resolve();
  /** Counts saves begun and ended: what was read in between may be older than what was saved. */
  private generation = 0;

  constructor(
    private readonly scope: string,
    private readonly owner: DraftOwner,
    private readonly database: DraftDatabase | null,
    private readonly saveEntries: SaveEntries,
  ) {
    if (database === null) this.saveState = { ...this.saveState, isKept: false };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  readonly drafts = (): Drafts => this.state;
  readonly saving = (): SaveState => this.saveState;

  /** Bring back what this tab, or a tab that is gone, left unsaved. */
  async restore(): Promise<number> {
    if (this.database === null) return 0;
    const { drafts, saves } = await this.database.restore(
      this.scope,
      this.owner.id,
      this.owner.isGone,
    );
    this.apply(reduce(this.state, { type: "restored", drafts, saves }), false);
    return unsaved(this.state).length;
  }

  dispatch(action: Action): void {
    this.apply(reduce(this.state, action), true);
  }

  /** Read entries in, unless labels were saved since `read` began. */
  async load(read: () => Promise<readonly Draft["image"][]>): Promise<void> {
    const begun = this.generation;
    const images = await read();
    if (begun === this.generation) this.dispatch({ type: "loaded", images });
  }

  readonly mark = (): number => this.generation;

  /** Save everything that can be saved. Raises nothing: the error is in `saving()`. */
  save(): Promise<void> {
    this.running ??= this.saveAll().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async saveAll(): Promise<void> {
    this.tell({ isSaving: true, error: null });
    this.generation += 1;
    try {
      for (const save of this.state.saves) await this.send(save);
      for (let round = 0; round < ROUNDS; round += 1) {
        const ready = unsaved(this.state).filter((draft) => draft.conflict === null && !draft.rejected);
        if (ready.length === 0) break;
        for (let at = 0; at < ready.length; at += BATCH) await this.begin(ready.slice(at, at + BATCH));
      }
      this.tell({ isSaving: false, error: null });
    } catch (error) {
      this.tell({ isSaving: false, error });
    } finally {
      this.generation += 1;
    }
  }

  private async begin(drafts: readonly Draft[]): Promise<void> {
    const save: PendingSave = {
      requestId: uuid(),
      sent: drafts.map((draft) => [draft.image.source_ref, draft.labels]),
      changes: drafts.map(changeOf),
    };
    this.dispatch({ type: "sending", save });
    // On disk before it is sent: after a crash it is repeated with the same id and written once.
    await this.writing;
    await this.send(save);
  }

  private async send(save: PendingSave): Promise<void> {
    try {
      const answer = await this.saveEntries(save.requestId, save.changes);
      this.dispatch({ type: "answered", requestId: save.requestId, answer });
    } catch (error) {
      if (!isUnknown(error)) this.dispatch({ type: "refused", requestId: save.requestId });
      throw error;
    }
  }

  private apply(next: Drafts, isNew: boolean): void {
    const before = this.state;
    if (next === before) return;
    this.state = next;
    if (isNew) this.keep(before, next);
    for (const listener of this.listeners) listener();
  }

  private keep(before: Drafts, next: Drafts): void {
    if (this.database === null) return;
    const drafts = new Map<string, Draft | null>();
    for (const [key, draft] of next.byKey) {
      const old = before.byKey.get(key);
      if (old === draft) continue;
      if (isWorthKeeping(draft)) drafts.set(key, draft);
      else if (old !== undefined && isWorthKeeping(old)) drafts.set(key, null);
    }
    for (const key of before.byKey.keys()) if (!next.byKey.has(key)) drafts.set(key, null);
    const saves = new Map<string, PendingSave | null>();
    for (const save of next.saves) if (!before.saves.includes(save)) saves.set(save.requestId, save);
    for (const save of before.saves) if (!next.saves.includes(save)) saves.set(save.requestId, null);
    if (drafts.size === 0 && saves.size === 0) return;
    const write = this.database.write(this.scope, this.owner.id, drafts, saves);
    this.writing = Promise.all([this.writing, write]).then(
      () => undefined,
      () => this.tell({ isKept: false }),
    );
  }

  private tell(change: Partial<SaveState>): void {
    this.saveState = { ...this.saveState, ...change };
    for (const listener of this.listeners) listener();
  }
}

/** Whether the server may have carried the request out all the same. */
function isUnknown(error: unknown): boolean {
  if (error instanceof ConnectionLost) return true;
  const status = (error as { status?: unknown }).status;
  return typeof status === "number" && (status >= 500 || status === 403 || status === 429);
}
