/** The box editor: pictures on the left, the canvas, labels and boxes on the right. */
import Button from "@cloudscape-design/components/button";
import Spinner from "@cloudscape-design/components/spinner";
import { type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { Canvas, type CanvasControl } from "../pictures/editor/canvas.tsx";
import type { Draft } from "../pictures/drafts.ts";
import { allBoxes } from "../pictures/labels.ts";
import { useWords } from "../words/language.ts";
import { Bar, type BarActions } from "./bar.tsx";
import { Icon, Tool } from "./icons.tsx";
import { useLabelling } from "./labelling.ts";
import { usePreferences } from "./preferences.ts";
import { SidePane } from "./side-pane.tsx";
import { Strip } from "./strip.tsx";
import { type Editor, useEditor } from "./use-editor.ts";
import { useKeys } from "./use-keys.ts";
import { preload, type ShownPicture, usePicture } from "./use-picture.ts";
import { type Light, PLAIN, ViewMenu } from "./view-menu.tsx";

export interface EditorViewProps extends BarActions {
  readonly keys: readonly string[];
  readonly draft: Draft;
  readonly onShow: (key: string) => void;
  readonly onDone: () => void;
  readonly onManage: () => void;
  /** While a dialog is open the focus is its own; afterwards it comes back to the canvas. */
  readonly hasDialog: boolean;
  /** Further answers, for another screen that uses the editor. */
  readonly answers?: ReactNode;
}

const NARROW = matchMedia("(width < 900px)");
const followWidth = (listener: () => void): (() => void) => {
  NARROW.addEventListener("change", listener);
  return () => NARROW.removeEventListener("change", listener);
};

export function EditorView(props: EditorViewProps): ReactNode {
  const { labelling: t } = useWords();
  const { session, drafts, keys: labelKeys, colours } = useLabelling();
  const { draft, keys, onShow } = props;
  const preferences = usePreferences();
  const control = useRef<CanvasControl>(null);
  const zoom = useRef<HTMLSpanElement>(null);
  const press = useRef(0);
  const [light, setLight] = useState<Light>(PLAIN);
  const isNarrow = useSyncExternalStore(followWidth, () => NARROW.matches);
  const key = draft.image.source_ref;
  const picture = usePicture(draft.image);
  const editor = useEditor({ keys, draft, size: picture.size, preferences, control, press, onShow, onDone: props.onDone });
  const { labels } = draft;

  const globals: Partial<Record<string, () => void>> = {
    undo: props.onUndo,
    redo: props.onRedo,
    save: props.onSave,
    help: props.onHelp,
  };
  const pressed = useKeys({
    view: "editor",
    run: (command) => {
      const global = globals[command];
      global?.();
      return global !== undefined || editor.run(command);
    },
    onDigit: (digit, isShifted) => {
      const name = [...labelKeys].find(([, own]) => own === digit)?.[0];
      if (name === undefined) return;
      if (isShifted && editor.selected.size > 0) editor.relabel(name);
      else editor.pick(name);
    },
    onArrow: editor.nudge,
    onTab: (step) => (control.current?.hasFocus() ?? false) && editor.walk(step),
    onSpace: (isDown) => control.current?.holdSpace(isDown),
  });
  useEffect(() => {
    press.current = pressed.current;
  });

  const at = keys.indexOf(key);
  useEffect(() => {
    preload(drafts.byKey.get(keys[at + 1] ?? "")?.image);
    // Once a picture; drafts change with every edit.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [at, keys]);
  const measured = picture.size;
  useEffect(() => {
    if (measured !== null) session.dispatch({ type: "measured", key, size: measured });
  }, [session, key, measured]);

  const { hasDialog } = props;
  const isReady = picture.size !== null;
  useEffect(() => {
    if (hasDialog || !isReady) return undefined;
    const timer = setTimeout(() => control.current?.focus(), 60);
    return () => clearTimeout(timer);
  }, [key, hasDialog, isReady]);

  return (
    <div className="lab lab-editor">
      <Bar {...props} start={<Tool icon="back" label={t.done} hotkey="G" text={t.done} onPress={props.onDone} testId="done" />}>
        <Tools editor={editor} zoom={zoom} />
        <span className="lab-divider" />
        <ViewMenu editor={editor} light={light} onLight={setLight} />
      </Bar>
      <Strip keys={keys} current={key} isAcross={isNarrow} onShow={onShow} />
      <section className="lab-stage" aria-label={t.editorTitle(draft.image.name)}>
        <h1 className="lab-hidden">{t.editorTitle(draft.image.name)}</h1>
        {picture.size === null ? (
          <Waiting picture={picture} />
        ) : (
          <Canvas
            control={control}
            src={picture.src}
            name={draft.image.name}
            picture={picture.size}
            boxes={editor.mode === "whole" ? [] : allBoxes(labels)}
            count={labels.boxes.length}
            colours={colours}
            selected={editor.selected}
            highlighted={editor.highlighted}
            tool={editor.mode === "whole" ? "select" : editor.tool}
            label={editor.label}
            grabbed={editor.grabbed}
            isHidden={editor.isHidden}
            hasNames={preferences.hasNames}
            hasGuides={preferences.hasGuides}
            {...light}
            ariaLabel={t.canvas(draft.image.name, labels.boxes.length)}
            onZoom={(scale) => {
              if (zoom.current !== null) zoom.current.textContent = `${Math.round(scale * 100)} %`;
            }}
            {...editor.events}
          />
        )}
        {picture.hasFailed ? <p className="lab-failed">{t.pictureFailed}</p> : null}
        <Over draft={draft} editor={editor} />
      </section>
      <SidePane draft={draft} editor={editor} onManage={props.onManage} answers={props.answers} />
      <Foot draft={draft} editor={editor} at={at} count={keys.length} picture={picture} />
    </div>
  );
}

function Waiting({ picture }: { readonly picture: ShownPicture }): ReactNode {
  return <div className="canvas lab-waiting">{picture.hasFailed ? null : <Spinner size="large" />}</div>;
}

function Tools({ editor, zoom }: { readonly editor: Editor; readonly zoom: React.RefObject<HTMLSpanElement | null> }): ReactNode {
  const { labelling: t } = useWords();
  const { isLocked } = usePreferences();
  const isWhole = editor.mode === "whole";
  return (
    <>
      <span className="lab-pair">
        <Tool icon="select" label={t.commands.select} hotkey="V" text={t.select} isPressed={editor.tool === "select" || isWhole} isDisabled={isWhole} onPress={() => editor.run("select")} testId="select" />
        <Tool icon="draw" label={t.commands.draw} hotkey="D" text={t.draw} isPressed={editor.tool === "draw" && !isWhole} onPress={() => editor.run("draw")} testId="draw" />
      </span>
      <Tool icon={isLocked ? "lock" : "unlock"} label={t.commands.lock} hotkey="L" isPressed={isLocked} onPress={() => editor.run("lock")} testId="lock" />
      <Tool icon="repeat" label={t.commands.repeat} hotkey="R" onPress={() => editor.run("repeat")} testId="repeat" />
      <span className="lab-divider" />
      <Tool icon="zoomOut" label={t.commands.zoomOut} hotkey="-" onPress={() => editor.run("zoomOut")} />
      <span className="lab-zoom" ref={zoom} />
      <Tool icon="zoomIn" label={t.commands.zoomIn} hotkey="+" onPress={() => editor.run("zoomIn")} />
      <Tool icon="fit" label={t.commands.fit} hotkey="F" onPress={() => editor.run("fit")} testId="fit" />
    </>
  );
}

/** What lies over the canvas: the answer "nothing here", labels of the whole picture. */
function Over({ draft, editor }: { readonly draft: Draft; readonly editor: Editor }): ReactNode {
  const { labelling: t } = useWords();
  const { labels } = draft;
  return (
    <div className="lab-over">
      {labels.nothingHere ? (
        <span className="lab-chip is-nothing">
          <Icon name="nothing" /> {t.nothingHere}
        </span>
      ) : null}
      {labels.imageLabels.map((name) => (
        <span key={name} className="lab-chip">
          {name}
        </span>
      ))}
      {editor.isHidden ? <span className="lab-chip">{t.boxesHidden}</span> : null}
    </div>
  );
}

function Foot(props: {
  readonly draft: Draft;
  readonly editor: Editor;
  readonly at: number;
  readonly count: number;
  readonly picture: ShownPicture;
}): ReactNode {
  const { labelling: t } = useWords();
  const { draft, editor, at, count, picture } = props;
  const { image } = draft;
  return (
    <footer className="lab-foot">
      <span className="lab-file" title={image.source_ref}>
        <strong>{image.name}</strong>
        {picture.size === null ? null : ` · ${picture.size.width} × ${picture.size.height}`}
        {` · ${t.position(at + 1, count)}`}
      </span>
      <Hint editor={editor} draft={draft} />
      <span className="lab-steps">
        <Button iconName="angle-left" disabled={at <= 0} onClick={() => editor.run("previous")} data-testid="previous">
          {t.previous}
        </Button>
        <Button iconName="angle-right" iconAlign="right" disabled={at >= count - 1} onClick={() => editor.run("next")} data-testid="next">
          {t.next}
        </Button>
      </span>
    </footer>
  );
}

/** One line that says what can be done now, or why something was refused. */
function Hint({ editor, draft }: { readonly editor: Editor; readonly draft: Draft }): ReactNode {
  const { labelling: t, errors } = useWords();
  const [only] = allBoxes(draft.labels).filter((box) => editor.selected.has(box.id));
  const text = (): string => {
    const reasons: Readonly<Record<string, string | undefined>> = t.rejectedReasons;
    if (draft.rejected !== null) return reasons[draft.rejected] ?? t.rejected(draft.rejected);
    if (editor.notice !== null) return t.notices[editor.notice];
    if (editor.mode === "whole") return t.hints.whole;
    if (editor.grabbed !== null) return t.hints.grabbed(t.corners[editor.grabbed as keyof typeof t.corners]);
    if (editor.selected.size > 1) return t.hints.several(editor.selected.size);
    if (only !== undefined && "confidence" in only) return t.hints.suggested;
    if (only !== undefined) return t.hints.selected(only.label, only.width, only.height);
    if (editor.label === null) return t.notices["no-label"];
    return editor.tool === "draw" ? t.hints.draw(editor.label) : t.hints.select;
  };
  const isBad = draft.rejected !== null || editor.notice !== null;
  return (
    <output className={isBad ? "lab-hint is-bad" : "lab-hint"} title={isBad ? errors.whatToDo : undefined} data-testid="hint">
      {isBad ? <Icon name="warning" /> : null}
      {text()}
    </output>
  );
}
