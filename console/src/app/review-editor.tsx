/** The box editor of labelling mode over the pictures of a review. */
import Button from "@cloudscape-design/components/button";
import Spinner from "@cloudscape-design/components/spinner";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { DatasetLabel } from "../api/lensmith.ts";
import * as queries from "../api/queries.ts";
import { saveAnswers } from "../api/reviews.ts";
import { ShortcutsDialog } from "../labelling/dialogs.tsx";
import { EditorView } from "../labelling/editor-view.tsx";
import { Icon } from "../labelling/icons.tsx";
import { type Labelling, LabellingContext, useOpenSession } from "../labelling/labelling.ts";
import "../labelling/labelling.css";
import { ManageLabelsDialog } from "../labelling/manage-labels-dialog.tsx";
import { Room } from "../labelling/room.tsx";
import { labelKeys } from "../labelling/shortcuts.ts";
import type { DraftSession } from "../pictures/draft-session.ts";
import { unsaved } from "../pictures/drafts.ts";
import { labelColours } from "../pictures/label-colours.ts";
import type { BoxEditorProps } from "../review/review-page.tsx";
import { ErrorAlert, notifyError } from "../shell/error-details.tsx";
import { Empty } from "../shell/page.tsx";
import { useWords } from "../words/language.ts";
import { around, imageOf, savesAnswers, suggestedOf } from "./review-drafts.ts";

export function ReviewEditor(props: BoxEditorProps): ReactNode {
  const { review } = props;
  const { data: who } = useQuery(queries.who());
  const scope = who === undefined ? null : JSON.stringify([who.arn, "review", review.id]);
  const saving = useMemo(() => savesAnswers(review.id), [review.id]);
  const open = useOpenSession(scope, saving);
  return open === undefined ? (
    <Loading />
  ) : (
    <Editing key={review.id} {...props} session={open.session} />
  );
}

const Loading = (): ReactNode => (
  <Room>
    <div className="lab lab-loading">
      <Spinner size="large" />
    </div>
  </Room>
);

function Editing(props: BoxEditorProps & { readonly session: DraftSession }): ReactNode {
  const { review: t } = useWords();
  const { review, session, first, onShow, onDone } = props;
  const client = useQueryClient();
  const drafts = useSyncExternalStore(session.subscribe, session.drafts);
  const saveState = useSyncExternalStore(session.subscribe, session.saving);
  const labelling = useReviewLabelling(props, drafts, saveState);
  const [dialog, setDialog] = useState<"manage" | "shortcuts" | null>(null);
  // The list stays as it was when the editor was opened, whatever is answered.
  const list = useQuery({
    queryKey: ["reviews", review.id, "editor"],
    queryFn: async () => {
      const images = await around(review.id, first);
      await session.load(() => Promise.resolve(images.map(imageOf)));
      session.dispatch({
        type: "suggested",
        suggestions: new Map(
          images.flatMap((picture) => {
            const restored = session.drafts().byKey.get(picture.source_ref)?.labels.suggested ?? null;
            const found = restored === null ? suggestedOf(picture, review.version) : null;
            return found === null ? [] : [[picture.source_ref, found] as const];
          }),
        ),
      });
      return images.map(({ source_ref: key }) => key);
    },
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const save = async (): Promise<void> => {
    await session.save();
    const { error } = session.saving();
    if (error !== null) notifyError(error, t.notSaved);
    await client.invalidateQueries({ queryKey: ["reviews"], predicate: ({ queryKey }) => queryKey[2] !== "editor" });
  };
  const keys = list.data ?? [];
  const draft = drafts.byKey.get(first);
  const answer = useMutation({
    mutationFn: (verdict: "rejected" | "skipped") => saveAnswers(review.id, [{ source_ref: first, verdict }]),
    onSuccess: () => next(),
    onError: (error) => notifyError(error, t.notSaved),
  });
  const next = (): void => {
    const following = keys[keys.indexOf(first) + 1];
    if (following === undefined) leave();
    else onShow(following);
  };
  const leave = (): void => void save().then(onDone);
  const count = unsaved(drafts).length;
  useEffect(() => {
    if (count === 0) return undefined;
    const stay = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener("beforeunload", stay);
    return () => removeEventListener("beforeunload", stay);
  }, [count]);
  const hasFailed = list.data === undefined && list.error !== null;
  if (hasFailed || (draft === undefined && list.data !== undefined)) {
    return (
      <Room>
        <div className="lab-unopened">
          <ErrorAlert error={hasFailed ? list.error : null} retry={() => void list.refetch()} />
          <Empty
            title={hasFailed ? t.notOpened : t.notThere}
            action={<Button onClick={onDone}>{t.toPictures}</Button>}
          />
        </div>
      </Room>
    );
  }
  if (draft === undefined || list.data === undefined) return <Loading />;
  return (
    <LabellingContext value={labelling}>
      <Room>
        <EditorView
          keys={keys.includes(first) ? keys : [first]}
          draft={draft}
          hasDialog={dialog !== null}
          onShow={(key) => {
            // What is complete is saved on the way.
            void save();
            onShow(key);
          }}
          onDone={leave}
          onSave={() => void save()}
          onExit={leave}
          onHelp={() => setDialog("shortcuts")}
          onConflicts={() => undefined}
          onManage={() => setDialog("manage")}
          onUndo={() => session.dispatch({ type: "undone" })}
          onRedo={() => session.dispatch({ type: "redone" })}
          answers={
            <>
              {(["rejected", "skipped"] as const).map((verdict) => (
                <button
                  key={verdict}
                  type="button"
                  className="lab-nothing"
                  disabled={answer.isPending}
                  onClick={() => answer.mutate(verdict)}
                  data-testid={`answer-${verdict}`}
                >
                  <Icon name={verdict === "rejected" ? "cross" : "next"} />
                  <span>{verdict === "rejected" ? t.rejectPicture : t.skipPicture}</span>
                </button>
              ))}
            </>
          }
        />
      </Room>
      {dialog === "manage" ? <ManageLabelsDialog onClose={() => setDialog(null)} /> : null}
      {dialog === "shortcuts" ? <ShortcutsDialog view="editor" onClose={() => setDialog(null)} /> : null}
    </LabellingContext>
  );
}

/** The labels of the model, then those that the training dataset has besides, with their looks. */
function useReviewLabelling(
  { review, session }: Pick<BoxEditorProps, "review"> & { readonly session: DraftSession },
  drafts: Labelling["drafts"],
  saving: Labelling["saving"],
): Labelling {
  const { data } = useQuery({ ...queries.labels(review.project, "train"), retry: false });
  const labels = useMemo((): readonly DatasetLabel[] => {
    const known = new Map((data ?? []).map((label) => [label.name, label]));
    const ofModel = review.labels.map((name) => known.get(name) ?? { name, color: null, key: null, images: 0, boxes: 0 });
    return [...ofModel, ...(data ?? []).filter(({ name }) => !review.labels.includes(name))];
  }, [data, review.labels]);
  const [colours, keys] = useMemo(() => [labelColours(labels), labelKeys(labels)], [labels]);
  const { project } = review;
  return useMemo(
    () => ({ project, kind: "train" as const, session, drafts, saving, labels, colours, keys }),
    [project, session, drafts, saving, labels, colours, keys],
  );
}
