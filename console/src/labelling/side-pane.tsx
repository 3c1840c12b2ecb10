/** Beside the canvas: the labels, what is suggested, and what the picture has. */
import Link from "@cloudscape-design/components/link";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import Toggle from "@cloudscape-design/components/toggle";
import type { ReactNode } from "react";
import { type Box, MAX_BOXES } from "../pictures/boxes.ts";
import type { Draft } from "../pictures/drafts.ts";
import { byLabel, type Suggested } from "../pictures/labels.ts";
import { useFormat, useWords } from "../words/language.ts";
import { Icon } from "./icons.tsx";
import { LabelList, Swatch } from "./label-list.tsx";
import { useLabelling } from "./labelling.ts";
import { prefer, usePreferences } from "./preferences.ts";
import type { Editor, Mode } from "./use-editor.ts";

interface PaneProps {
  readonly draft: Draft;
  readonly editor: Editor;
}

export function SidePane(
  props: PaneProps & { readonly onManage: () => void; readonly answers?: ReactNode },
): ReactNode {
  const { draft, editor, onManage } = props;
  const { labelling: t } = useWords();
  const preferences = usePreferences();
  const { labels } = draft;
  const isWhole = editor.mode === "whole";
  return (
    <aside className="lab-pane" aria-label={t.labels}>
      <SegmentedControl
        label={t.mode}
        selectedId={editor.mode}
        options={[
          { id: "boxes", text: t.modes.boxes },
          { id: "whole", text: t.modes.whole },
        ]}
        onChange={({ detail }) => editor.change({ mode: detail.selectedId as Mode })}
      />
      <div className="lab-pane-head">
        <h2>{isWhole ? t.imageLabels : t.labels}</h2>
        <Link variant="secondary" onFollow={onManage} ariaLabel={t.manageSynonyms} data-testid="manage-labels">
          {t.manage}
        </Link>
      </div>
      {isWhole ? (
        <LabelList
          ticked={(name) => (labels.imageLabels.includes(name) ? "all" : "none")}
          onPress={editor.pick}
        />
      ) : (
        <LabelList picked={editor.label} onPress={editor.pick} />
      )}
      {isWhole ? (
        <Toggle checked={preferences.advances} onChange={({ detail }) => prefer({ advances: detail.checked })}>
          {t.advances}
        </Toggle>
      ) : null}
      <button
        type="button"
        className="lab-nothing"
        aria-pressed={labels.nothingHere}
        title={t.nothingHint}
        onClick={() => editor.run("nothing")}
        data-testid="nothing-here"
      >
        <Icon name="nothing" />
        <span>{t.nothingHere}</span>
        <kbd>E</kbd>
      </button>
      {props.answers}
      {labels.suggested === null ? null : <Suggestions suggested={labels.suggested} editor={editor} />}
      {isWhole ? null : <Boxes draft={draft} editor={editor} />}
    </aside>
  );
}

function Suggestions({ suggested, editor }: { readonly suggested: Suggested; readonly editor: Editor }): ReactNode {
  const { labelling: t } = useWords();
  const { colours } = useLabelling();
  const format = useFormat();
  const percent = (value: number): string => `${format.decimals(value, 1)} %`;
  return (
    <section className="lab-suggestions" aria-label={t.suggestions}>
      <div className="lab-pane-head">
        <h2>{t.suggestions}</h2>
        <span className="lab-actions">
          <button type="button" className="lab-text" onClick={() => editor.run("acceptAll")} data-testid="accept-all">
            {t.acceptAll}
          </button>
          <button type="button" className="lab-text" onClick={() => editor.run("rejectAll")}>
            {t.rejectAll}
          </button>
        </span>
      </div>
      <p className="lab-note">{t.suggestedBy(suggested.version)}</p>
      <ul className="lab-rows">
        {suggested.labels.map(({ name, confidence }) => (
          <li key={name} className="lab-row is-suggested">
            <span className="lab-row-main">
              <Swatch colour={colours.get(name)} />
              <span className="lab-label-name">{name}</span>
              <span className="lab-number">{percent(confidence)}</span>
            </span>
            <Answers name={name} onAnswer={(isRight) => editor.answerLabel(name, isRight)} />
          </li>
        ))}
        {suggested.boxes.map((box) => (
          <BoxRow key={box.id} box={box} editor={editor} text={box.label} end={percent(box.confidence)} isSuggested>
            <Answers
              name={box.label}
              onAnswer={(isRight) =>
                isRight ? editor.accept(new Set([box.id])) : editor.remove(new Set([box.id]))
              }
            />
          </BoxRow>
        ))}
      </ul>
    </section>
  );
}

function Answers(props: { readonly name: string; readonly onAnswer: (isRight: boolean) => void }): ReactNode {
  const { labelling: t } = useWords();
  return (
    <>
      <button type="button" className="lab-answer is-right" aria-label={t.accept(props.name)} title={t.accept(props.name)} onClick={() => props.onAnswer(true)}>
        <Icon name="check" />
      </button>
      <button type="button" className="lab-answer" aria-label={t.reject(props.name)} title={t.reject(props.name)} onClick={() => props.onAnswer(false)}>
        <Icon name="cross" />
      </button>
    </>
  );
}

function Boxes({ draft, editor }: PaneProps): ReactNode {
  const { labelling: t } = useWords();
  const { colours } = useLabelling();
  const { boxes } = draft.labels;
  const groups = byLabel(boxes);
  return (
    <section aria-label={t.boxes}>
      <div className="lab-pane-head">
        <h2>
          {t.boxes}{" "}
          <span className="lab-count" data-testid="box-count">
            ({boxes.length}/{MAX_BOXES})
          </span>
        </h2>
      </div>
      {boxes.length === 0 ? <p className="lab-note">{draft.labels.nothingHere ? t.nothingDone : t.noBoxes}</p> : null}
      {boxes.length > 0 && draft.labels.imageLabels.length > 0 ? <p className="lab-note">{t.mixedHere}</p> : null}
      {[...groups].map(([label, group]) => (
        <div key={label} className="lab-group">
          <h3>
            <Swatch colour={colours.get(label)} />
            <span className="lab-label-name">{label}</span>
            <span className="lab-count">{group.length}</span>
          </h3>
          <ul className="lab-rows">
            {group.map((box, index) => (
              <BoxRow
                key={box.id}
                box={box}
                editor={editor}
                text={`${index + 1}`}
                end={`${box.width} × ${box.height}`}
                isSuggested={false}
              >
                <button
                  type="button"
                  className="lab-answer"
                  aria-label={t.deleteBox(label, index + 1)}
                  title={t.deleteBox(label, index + 1)}
                  onClick={() => editor.remove(new Set([box.id]))}
                >
                  <Icon name="cross" />
                </button>
              </BoxRow>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

function BoxRow(props: {
  readonly box: Box;
  readonly editor: Editor;
  readonly text: string;
  readonly end: string;
  readonly isSuggested: boolean;
  readonly children: ReactNode;
}): ReactNode {
  const { box, editor } = props;
  const { colours } = useLabelling();
  return (
    <li
      className={props.isSuggested ? "lab-row is-suggested" : "lab-row"}
      data-selected={editor.selected.has(box.id) || undefined}
      data-hovered={editor.highlighted === box.id || undefined}
      onPointerEnter={() => editor.change({ highlighted: box.id })}
      onPointerLeave={() => editor.change({ highlighted: null })}
    >
      <button
        type="button"
        className="lab-row-main"
        aria-pressed={editor.selected.has(box.id)}
        onClick={() => editor.change({ selected: new Set([box.id]), tool: "select" })}
        onDoubleClick={() => editor.run("zoomBox")}
      >
        {props.isSuggested ? <Swatch colour={colours.get(box.label)} /> : null}
        {props.isSuggested ? null : <span className="lab-hidden">{box.label}</span>}
        <span className="lab-label-name">{props.text}</span>
        <span className="lab-number">{props.end}</span>
      </button>
      {props.children}
    </li>
  );
}
