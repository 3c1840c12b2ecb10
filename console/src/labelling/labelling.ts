/** What every part of labelling mode works on. */
import { useQuery } from "@tanstack/react-query";
import { createContext, useCallback, useContext, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { type DatasetKind, type DatasetLabel, saveEntries } from "../api/lensmith.ts";
import * as queries from "../api/queries.ts";
import { openDraftDatabase } from "../pictures/draft-database.ts";
import { claimDraftOwner } from "../pictures/draft-owner.ts";
import { DraftSession, type SaveEntries, type SaveState } from "../pictures/draft-session.ts";
import { type Drafts, NO_DRAFTS } from "../pictures/drafts.ts";
import { labelColours } from "../pictures/label-colours.ts";
import type { Labels } from "../pictures/labels.ts";
import { LABEL_KEYS, labelKeys } from "./shortcuts.ts";

export interface Labelling {
  readonly project: string;
  readonly kind: DatasetKind;
  readonly session: DraftSession;
  readonly drafts: Drafts;
  readonly saving: SaveState;
  readonly labels: readonly DatasetLabel[];
  readonly colours: ReadonlyMap<string, string>;
  /** Label to key. */
  readonly keys: ReadonlyMap<string, string>;
}

export const LabellingContext = createContext<Labelling | null>(null);

export function useLabelling(): Labelling {
  const labelling = useContext(LabellingContext);
  if (labelling === null) throw new Error("outside of labelling mode");
  return labelling;
}

/** Change pictures by a function of their labels, as one step. */
export function edit(
  session: DraftSession,
  kind: string,
  keys: Iterable<string>,
  by: (labels: Labels, key: string) => Labels,
  press: number | null = null,
): void {
  const changes = new Map<string, Labels>();
  for (const key of keys) {
    const draft = session.drafts().byKey.get(key);
    if (draft !== undefined) changes.set(key, by(draft.labels, key));
  }
  session.dispatch({ type: "edited", kind, press, changes });
}

const none = (): Drafts => NO_DRAFTS;

let owner: ReturnType<typeof claimDraftOwner> | null = null;

export interface OpenSession {
  readonly session: DraftSession;
  /** Pictures whose unsaved labels came back. */
  readonly restored: number;
}

/** Open the drafts of a dataset; undefined until what was left unsaved is back. */
export function useDraftSession(project: string, kind: DatasetKind): OpenSession | undefined {
  const { data: who } = useQuery(queries.who());
  const user = who?.arn;
  const scope = user === undefined ? null : JSON.stringify([user, project, kind]);
  const save = useCallback(
    (): SaveEntries => (id, changes) => saveEntries(project, kind, id, changes),
    [project, kind],
  );
  return useOpenSession(scope, save);
}

/** Open the drafts of a scope; `saving` makes what saves them, once a scope. */
export function useOpenSession(
  scope: string | null,
  saving: (drafts: () => Drafts) => SaveEntries,
): OpenSession | undefined {
  const [open, setOpen] = useState<OpenSession & { readonly scope: string }>();
  useEffect(() => {
    if (scope === null) return undefined;
    let isCurrent = true;
    void (async () => {
      owner ??= claimDraftOwner();
      const database = await openDraftDatabase().catch(() => null);
      let drafts = none;
      const save = saving(() => drafts());
      const session = new DraftSession(scope, await owner, database, save);
      drafts = session.drafts;
      const restored = await session.restore().catch(() => 0);
      if (isCurrent) setOpen({ session, restored, scope });
    })();
    return () => {
      isCurrent = false;
    };
  }, [scope, saving]);
  return open?.scope === scope ? open : undefined;
}

const NO_LABELS: readonly DatasetLabel[] = [];

/** Order labels by their keys, those without behind: the place of one stays while others come into use. */
const inKeyOrder = (labels: readonly DatasetLabel[], keys: ReadonlyMap<string, string>): readonly DatasetLabel[] => {
  const rank = ({ name }: DatasetLabel): number => LABEL_KEYS.findIndex((key) => key === keys.get(name)) + 1 || LABEL_KEYS.length + 1;
  return labels.toSorted((a, b) => rank(a) - rank(b));
};

/** Follow a session's state, and the labels of its dataset. */
export function useLabellingOf(session: DraftSession, project: string, kind: DatasetKind): Labelling {
  const drafts = useSyncExternalStore(session.subscribe, session.drafts);
  const saving = useSyncExternalStore(session.subscribe, session.saving);
  const { data } = useQuery(queries.labels(project, kind));
  const [labels, colours, keys] = useMemo(() => {
    const found = data ?? NO_LABELS;
    const digits = labelKeys(found);
    return [inKeyOrder(found, digits), labelColours(found), digits];
  }, [data]);
  return useMemo(
    () => ({ project, kind, session, drafts, saving, labels, colours, keys }),
    [project, kind, session, drafts, saving, labels, colours, keys],
  );
}
