import Spinner from "@cloudscape-design/components/spinner";
import { useQueryClient } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { type ReactNode, useEffect, useEffectEvent, useRef, useState, useSyncExternalStore } from "react";
import { connection } from "../api/connection.ts";
import { ConnectionLost } from "../api/errors.ts";
import type { DatasetKind } from "../api/lensmith.ts";
import type { DraftSession } from "../pictures/draft-session.ts";
import { conflicts, unsaved } from "../pictures/drafts.ts";
import { NOTHING, readRanges, type Selection, writeRanges } from "../pictures/selection.ts";
import { isConsolePath, useChangeSearch, useGo, useParam, useSearch } from "../shell/address.ts";
import { notifyError } from "../shell/error-details.tsx";
import { dismiss, notify } from "../shell/notices.ts";
import { Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { nameOf } from "../shell/s3-uri.ts";
import { useWords } from "../words/language.ts";
import { ConflictsDialog, LeaveDialog, ShortcutsDialog, TipsDialog } from "./dialogs.tsx";
import { EditorView } from "./editor-view.tsx";
import { GridView } from "./grid-view.tsx";
import "./labelling.css";
import { type Labelling, LabellingContext, useDraftSession, useLabellingOf } from "./labelling.ts";
import { ManageLabelsDialog } from "./manage-labels-dialog.tsx";
import { usePreferences } from "./preferences.ts";
import { Room } from "./room.tsx";
import { SuggestDialog } from "./suggest-dialog.tsx";
import { filterOf, useNamedPicture, usePictures } from "./use-pictures.ts";
import { type Suggesting, useSuggestions } from "./use-suggestions.ts";

export function LabellingPage(): ReactNode {
  const { labelling: t } = useWords();
  const project = useParam("project");
  const kind: DatasetKind = useParam("kind") === "test" ? "test" : "train";
  const open = useDraftSession(project, kind);
  return (
    <Page title={t.title(project, kind)} crumb={t.crumb[kind]} crumbs={[{ text: project, href: paths.project(project) }]} bare focused>
      {open === undefined ? (
        <Room>
          <div className="lab lab-loading">
            <Spinner size="large" />
          </div>
        </Room>
      ) : (
        <Labeller key={`${project} ${kind}`} session={open.session} restored={open.restored} project={project} kind={kind} />
      )}
    </Page>
  );
}

type Dialog = "manage" | "suggest" | "conflicts" | "shortcuts" | "tips" | null;

function Labeller(props: {
  readonly session: DraftSession;
  readonly restored: number;
  readonly project: string;
  readonly kind: DatasetKind;
}): ReactNode {
  const { labelling: t } = useWords();
  const { session, project, kind, restored } = props;
  const labelling = useLabellingOf(session, project, kind);
  const { drafts, saving } = labelling;
  const pictures = usePictures(labelling);
  const suggesting = useSuggestions(labelling);
  const search = useSearch();
  const change = useChangeSearch();
  const go = useGo();
  const { hasTips } = usePreferences();
  const [dialog, setDialog] = useState<Dialog>(null);
  const count = unsaved(drafts).length;
  const save = useSaving(labelling, () => setDialog("conflicts"));

  useEffect(() => {
    if (restored > 0) notify({ type: "success", id: "restored", content: t.restored(restored) });
    // Once, when the drafts are back.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [session]);
  useSuggestionNotice(suggesting);

  const isReviewing = search.get("view") === "suggested";
  const keys = isReviewing ? suggesting.queue : pictures.keys;
  const [selection, select] = usePicked(keys);
  const shown = search.get("image");
  // The list of the editor stays as it was when it was opened, whatever leaves the filter.
  const [list, setList] = useState<readonly string[]>([]);
  const walked = list.includes(shown ?? "") ? list : keys;
  const draft = shown === null ? undefined : drafts.byKey.get(shown);
  useLinked(labelling, pictures.isPending);
  const open = (pages: readonly string[], first: string): void => {
    setList(pages);
    change({ image: first });
    if (hasTips) setDialog("tips");
  };

  const goTo = (changed: readonly string[]): void => {
    const [first] = changed;
    if (shown === null || first === undefined || changed.includes(shown)) return;
    if (walked.includes(first)) change({ image: first }, { replace: true });
  };
  const exit = (): void => {
    const back = search.get("back");
    if (back !== null && isConsolePath(back)) return go(back);
    const next = new URLSearchParams(search);
    for (const name of ["image", "pick", "view"]) next.delete(name);
    next.set("type", kind);
    go(`${paths.gallery(project, kind).split("?")[0]}?${next}`);
  };
  const actions = {
    onSave: () => void save(),
    onExit: exit,
    onHelp: () => setDialog("shortcuts"),
    onConflicts: () => setDialog("conflicts"),
    onManage: () => setDialog("manage"),
    onUndo: () => {
      const step = session.drafts().history.past.at(-1);
      session.dispatch({ type: "undone" });
      goTo(step?.changes.map(({ key }) => key) ?? []);
    },
    onRedo: () => {
      const step = session.drafts().history.future[0];
      session.dispatch({ type: "redone" });
      goTo(step?.changes.map(({ key }) => key) ?? []);
    },
  };
  const isEditing = draft !== undefined;

  return (
    <LabellingContext value={labelling}>
      <Room>{isEditing ? (
        <EditorView
          {...actions}
          keys={walked.includes(draft.image.source_ref) ? walked : [draft.image.source_ref]}
          draft={draft}
          hasDialog={dialog !== null}
          onShow={(key) => change({ image: key }, { replace: true })}
          onDone={() => change({ image: null })}
        />
      ) : (
        <GridView
          {...actions}
          title={t.title(project, kind)}
          pictures={pictures}
          keys={keys}
          selection={selection}
          onSelection={select}
          onOpen={open}
          onSuggest={() => setDialog("suggest")}
          suggesting={suggesting}
        />
      )}</Room>
      {dialog === "manage" ? <ManageLabelsDialog onClose={() => setDialog(null)} /> : null}
      {dialog === "suggest" ? (
        <SuggestDialog page={pictures.keys} suggesting={suggesting} onClose={() => setDialog(null)} />
      ) : null}
      {dialog === "conflicts" ? <ConflictsDialog onClose={() => setDialog(null)} /> : null}
      {dialog === "shortcuts" ? (
        <ShortcutsDialog view={isEditing ? "editor" : "grid"} onClose={() => setDialog(null)} />
      ) : null}
      {dialog === "tips" ? <TipsDialog onClose={() => setDialog(null)} /> : null}
      <LeaveGuard count={count} isSaving={saving.isSaving} session={session} save={save} />
    </LabellingContext>
  );
}

/** Open a picture that a link names, on whichever page it is; say so if the dataset has none such. */
function useLinked(labelling: Labelling, isWaiting: boolean): void {
  const { labelling: t } = useWords();
  const change = useChangeSearch();
  const name = useSearch().get("image");
  const { data: isThere, error } = useNamedPicture(labelling, name, isWaiting);
  useEffect(() => {
    if (name === null || (isThere !== false && error === null)) return;
    if (error !== null) notifyError(error);
    else notify({ type: "warning", id: "not-there", content: t.notThere(nameOf(name)) });
    change({ image: null }, { replace: true });
  }, [change, error, isThere, name, t]);
}

/** Keep the selection in the address, as positions on the page. */
function usePicked(keys: readonly string[]): readonly [Selection, (selection: Selection) => void] {
  const search = useSearch();
  const change = useChangeSearch();
  const { page, limit } = filterOf(search);
  const place = JSON.stringify([page, limit, search.get("view"), search.get("labeled"), search.getAll("label")]);
  const [held, setHeld] = useState<{ readonly place: string; readonly selection: Selection } | null>(null);
  if (held !== null && held.place === place) {
    return [held.selection, (selection) => set(selection)];
  }
  const picked = readRanges(search.get("pick") ?? "", keys.length).map((at) => keys[at - 1] ?? "");
  const selection = picked.length === 0 ? NOTHING : { ...NOTHING, keys: new Set(picked), anchor: picked.at(-1) ?? null };
  return [selection, (next) => set(next)];

  function set(next: Selection): void {
    setHeld({ place, selection: next });
    const positions = keys.flatMap((key, index) => (next.keys.has(key) ? [index + 1] : []));
    change({ pick: writeRanges(positions) }, { replace: true });
  }
}

/** Save, and say what came of it; a save that lost the connection is repeated when it is back. */
function useSaving({ session, project, kind }: Labelling, onConflicts: () => void): () => Promise<void> {
  const { labelling: t } = useWords();
  const client = useQueryClient();
  const save = async (): Promise<void> => {
    await session.save();
    const { error } = session.saving();
    const drafts = session.drafts();
    const open = conflicts(drafts).length;
    const rejected = [...drafts.byKey.values()].filter((draft) => draft.rejected !== null);
    // A lost connection has its banner, and the save is repeated when it is back.
    if (error !== null && !(error instanceof ConnectionLost)) notifyError(error, t.saveFailed);
    if (rejected.length > 0) {
      notify({
        type: "error",
        id: "rejected",
        header: t.rejectedTitle(rejected.length),
        content: rejected.map(({ image, rejected: code }) => `${image.name}: ${t.rejected(code ?? "")}`).join("; "),
      });
    }
    if (open > 0) onConflicts();
    await client.invalidateQueries({
      predicate: ({ queryKey: [first, name, type, what] }) =>
        first === "datasets" || (first === "dataset" && name === project && type === kind && what !== "labelling"),
    });
  };
  const isLost = useSyncExternalStore(connection.subscribe, connection.isLost);
  const wasLost = useRef(false);
  const retry = useEffectEvent(() => void save());
  useEffect(() => {
    if (isLost) wasLost.current = true;
    else if (wasLost.current) {
      wasLost.current = false;
      if (session.saving().error instanceof ConnectionLost) retry();
    }
  }, [isLost, session]);
  return save;
}

/** Ask before unsaved labels are left behind. They are kept in the browser all the same. */
function LeaveGuard(props: {
  readonly count: number;
  readonly isSaving: boolean;
  readonly session: DraftSession;
  readonly save: () => Promise<void>;
}): ReactNode {
  const { count, isSaving, session, save } = props;
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => count > 0 && current.pathname !== next.pathname,
    enableBeforeUnload: () => count > 0,
    withResolver: true,
  });
  if (blocker.status !== "blocked") return null;
  return (
    <LeaveDialog
      count={count}
      isSaving={isSaving}
      onStay={blocker.reset}
      onDiscard={() => {
        session.dispatch({ type: "discarded" });
        blocker.proceed();
      }}
      onSave={() =>
        void save().then(() => {
          if (unsaved(session.drafts()).length === 0) blocker.proceed();
          else blocker.reset();
        })
      }
    />
  );
}

/** Say what a model that looked for labels has found. */
function useSuggestionNotice({ isRunning, task }: Suggesting): void {
  const { labelling: t } = useWords();
  const state = task?.state;
  const found = task?.result?.suggestions.length ?? 0;
  const failed = task?.result?.failed?.length ?? 0;
  const failure = task?.error;
  useEffect(() => {
    if (isRunning) dismiss("suggesting");
    else if (state === "failed") {
      notify({ type: "error", id: "suggesting", header: t.suggestFailed, content: `${failure?.code ?? ""} ${failure?.message ?? ""}` });
    } else if (state !== undefined) {
      notify({ type: found > 0 ? "success" : "info", id: "suggesting", content: `${found > 0 ? t.suggested(found) : t.suggestedNothing} ${failed > 0 ? t.suggestUnread(failed) : ""}` });
    }
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [isRunning, state, found]);
}
