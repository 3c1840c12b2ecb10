/** The pictures of a page: select many, assign labels, open the editor, review suggestions. */
import Link from "@cloudscape-design/components/link";
import Pagination from "@cloudscape-design/components/pagination";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import Spinner from "@cloudscape-design/components/spinner";
import { type KeyboardEvent, type MouseEvent, type ReactNode, useState } from "react";
import {
  acceptedAll,
  rejectedAll,
  toggledNothingHere,
  withImageLabel,
  withoutImageLabel,
} from "../pictures/labels.ts";
import { all, clicked, labelled, NOTHING, ranged, type Selection, share, toggled } from "../pictures/selection.ts";
import { useChangeSearch, useSearch } from "../shell/address.ts";
import { ErrorAlert } from "../shell/error-details.tsx";
import { Empty } from "../shell/page.tsx";
import { useFormat, useWords } from "../words/language.ts";
import { AssignDialog } from "./assign-dialog.tsx";
import { Bar, type BarActions } from "./bar.tsx";
import { Icon, Tool } from "./icons.tsx";
import { LabelList, type Ticked } from "./label-list.tsx";
import { edit, useLabelling } from "./labelling.ts";
import type { Command } from "./shortcuts.ts";
import { Tile } from "./tile.tsx";
import { useKeys } from "./use-keys.ts";
import type { PicturesPage } from "./use-pictures.ts";
import type { Suggesting } from "./use-suggestions.ts";

export interface GridViewProps extends BarActions {
  readonly pictures: PicturesPage;
  /** The pictures shown: the page's, or those with suggestions. */
  readonly keys: readonly string[];
  readonly suggesting: Suggesting;
  readonly selection: Selection;
  readonly onSelection: (selection: Selection) => void;
  readonly onOpen: (keys: readonly string[], first: string) => void;
  readonly onManage: () => void;
  readonly onSuggest: () => void;
  readonly title: string;
}

export function GridView(props: GridViewProps): ReactNode {
  const { labelling: t } = useWords();
  const { project, kind, session, drafts, labels, colours, keys: labelKeys } = useLabelling();
  const { keys, selection, onSelection, pictures } = props;
  const [isAssigning, setAssigning] = useState(false);
  const [focused, setFocused] = useState(0);
  const chosen = keys.filter((key) => selection.keys.has(key));

  const ticked = (name: string): Ticked =>
    share(
      chosen.filter((key) => drafts.byKey.get(key)?.labels.imageLabels.includes(name)).length,
      chosen.length,
    );
  const toggleLabel = (name: string): void => {
    const isOn = ticked(name) === "all";
    edit(session, "assign", chosen, (l) => (isOn ? withoutImageLabel(l, name) : withImageLabel(l, name)));
    onSelection(labelled(selection));
  };
  const open = (first?: string): void => {
    const [start] = chosen;
    const shown = first === undefined || chosen.includes(first) ? chosen : keys;
    const list = shown.length === 0 ? keys : shown;
    const at = first ?? start ?? list[0];
    if (at !== undefined) props.onOpen(list, at);
  };
  const review = chosen.length === 0 ? keys : chosen;
  const commands: Partial<Record<Command, () => void>> = {
    selectAll: () => onSelection(all(keys)),
    escape: () => onSelection(NOTHING),
    open: () => open(),
    assign: () => setAssigning(chosen.length > 0),
    nothing: () => {
      edit(session, "nothing", chosen, toggledNothingHere);
      onSelection(labelled(selection));
    },
    acceptAll: () => edit(session, "accept", review, acceptedAll),
    rejectAll: () => edit(session, "reject", review, rejectedAll),
    undo: props.onUndo,
    redo: props.onRedo,
    save: props.onSave,
    help: props.onHelp,
  };
  useKeys({
    view: "grid",
    run: (command) => {
      commands[command]?.();
      return commands[command] !== undefined;
    },
    onDigit: (digit) => {
      const name = [...labelKeys].find(([, own]) => own === digit)?.[0];
      if (name !== undefined && chosen.length > 0) toggleLabel(name);
    },
  });

  const press = (key: string, event: MouseEvent): void =>
    onSelection((event.shiftKey ? ranged : event.ctrlKey || event.metaKey ? toggled : clicked)(selection, key, keys));
  const suggestedHere = keys.filter((key) => drafts.byKey.get(key)?.labels.suggested).length;

  return (
    <div className="lab lab-grid">
      <Bar {...props} start={<strong className="lab-title">{t.barTitle(project, kind)}</strong>}>
        <Tool
          icon="names"
          label={t.assign}
          text={t.assign}
          hotkey="I"
          isFramed
          isDisabled={chosen.length === 0}
          reason={t.selectFirst}
          onPress={() => setAssigning(true)}
          testId="assign"
        />
        <Tool
          icon="draw"
          label={t.drawBoxes}
          text={t.drawBoxes}
          hotkey="B"
          isFramed
          isDisabled={labels.length === 0 || keys.length === 0}
          reason={labels.length === 0 ? t.needsLabel : t.noPictures}
          onPress={() => open()}
          testId="draw-boxes"
        />
        <Tool icon="sparkle" label={t.suggest} text={t.suggest} isFramed onPress={props.onSuggest} testId="suggest" />
      </Bar>
      <section className="lab-main" aria-label={t.pictures}>
        <h1 className="lab-hidden">{props.title}</h1>
        <Filters {...props} count={chosen.length} suggestedHere={suggestedHere} run={(command) => commands[command]?.()} />
        <ErrorAlert error={pictures.error} retry={pictures.retry} />
        {pictures.isPending ? (
          <div className="lab-loading">
            <Spinner size="large" />
          </div>
        ) : keys.length === 0 && pictures.error === null ? (
          <Empty title={t.noPictures} detail={t.noPicturesDetail} />
        ) : (
          // Arrow keys move among the tiles, which are buttons.
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
          <ul
            className="lab-tiles"
            aria-label={t.pictures}
            onKeyDown={(event) => moveFocus(event, keys.length, setFocused)}
            onFocus={(event) => setFocused(Math.max(0, keys.indexOf(keyOf(event.target) ?? "")))}
            onClick={(event) => {
              const key = keyOf(event.target);
              if (key === null) return;
              if (isIn(event.target, ".lab-tile-open")) open(key);
              else if (isIn(event.target, ".lab-tile-pick")) press(key, event);
            }}
            onDoubleClick={(event) => {
              const key = keyOf(event.target);
              if (key !== null && isIn(event.target, ".lab-tile-pick")) open(key);
            }}
          >
            {keys.map((key, index) => {
              const draft = drafts.byKey.get(key);
              return draft === undefined ? null : (
                <Tile
                  key={key}
                  draft={draft}
                  isSelected={selection.keys.has(key)}
                  isFocusable={index === Math.min(focused, keys.length - 1)}
                  colours={colours}
                />
              );
            })}
          </ul>
        )}
      </section>
      <aside className="lab-pane" aria-label={t.labels}>
        <div className="lab-pane-head">
          <h2>{t.labels}</h2>
          <Link variant="secondary" onFollow={props.onManage} ariaLabel={t.manageSynonyms} data-testid="manage-labels">
            {t.manage}
          </Link>
        </div>
        <p className="lab-note">{chosen.length === 0 ? t.selectHint : t.assignHint(chosen.length)}</p>
        <LabelList ticked={ticked} onPress={toggleLabel} isDisabled={chosen.length === 0} />
        <button
          type="button"
          className="lab-nothing"
          disabled={chosen.length === 0}
          aria-pressed={chosen.length > 0 && chosen.every((key) => drafts.byKey.get(key)?.labels.nothingHere)}
          title={t.nothingHint}
          onClick={() => commands.nothing?.()}
        >
          <Icon name="nothing" />
          <span>{t.nothingHere}</span>
          <kbd>E</kbd>
        </button>
      </aside>
      {isAssigning ? (
        <AssignDialog
          keys={chosen}
          onAssigned={() => onSelection(labelled(selection))}
          onClose={() => setAssigning(false)}
        />
      ) : null}
    </div>
  );
}

const isIn = (target: EventTarget, selector: string): boolean =>
  target instanceof Element && target.closest(selector) !== null;

/** The picture of the tile that an event came from. */
const keyOf = (target: EventTarget): string | null =>
  target instanceof Element
    ? (target.closest("[data-key]")?.getAttribute("data-key") ?? null)
    : null;

/** Move the focus among tiles with the arrow keys, by the rows as they are laid out. */
function moveFocus(event: KeyboardEvent<HTMLElement>, count: number, onFocus: (index: number) => void): void {
  const list = event.currentTarget;
  const tiles = [...list.querySelectorAll<HTMLElement>(".lab-tile-pick")];
  const at = tiles.indexOf(document.activeElement as HTMLElement);
  if (at === -1) return;
  const top = (index: number): number => tiles[index]?.closest("li")?.offsetTop ?? 0;
  const columns = Math.max(1, tiles.filter((_, index) => top(index) === top(0)).length);
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    Home: -at,
    End: count - 1 - at,
  };
  const step = steps[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const next = Math.min(Math.max(0, at + step), count - 1);
  onFocus(next);
  tiles[next]?.focus();
}

type Show = "all" | "unlabeled" | "labeled" | "suggested";

function Filters(
  props: GridViewProps & {
    readonly count: number;
    readonly suggestedHere: number;
    readonly run: (command: Command) => void;
  },
): ReactNode {
  const { labelling: t } = useWords();
  const format = useFormat();
  const search = useSearch();
  const change = useChangeSearch();
  const { pictures, keys, suggesting } = props;
  const waiting = suggesting.queue.length;
  const { counts } = pictures;
  const shown: Show =
    search.get("view") === "suggested"
      ? "suggested"
      : search.get("labeled") === "true"
        ? "labeled"
        : search.get("labeled") === "false"
          ? "unlabeled"
          : "all";
  const show = (next: string): void =>
    change({
      view: next === "suggested" ? next : null,
      labeled: next === "labeled" ? "true" : next === "unlabeled" ? "false" : null,
      page: null,
      pick: null,
    });
  const text = (name: Exclude<Show, "suggested">): string =>
    counts === undefined ? t.show[name] : `${t.show[name]} (${format.number(counts[name])})`;
  const pages = Math.max(1, Math.ceil(pictures.total / pictures.size));
  return (
    <div className="lab-filters">
      <SegmentedControl
        label={t.showLabel}
        selectedId={shown}
        options={[
          { id: "all", text: text("all") },
          { id: "unlabeled", text: text("unlabeled") },
          { id: "labeled", text: text("labeled") },
          ...(waiting > 0 || shown === "suggested"
            ? [{ id: "suggested", text: `${t.show.suggested} (${format.number(waiting)})` }]
            : []),
        ]}
        onChange={({ detail }) => show(detail.selectedId)}
      />
      {search.getAll("label").map((name) => (
        <button key={name} type="button" className="lab-chip" onClick={() => change({ label: search.getAll("label").filter((one) => one !== name), page: null })}>
          {name} <Icon name="cross" />
        </button>
      ))}
      <output className="lab-selected" data-testid="selected">
        {t.selected(props.count, keys.length)}
      </output>
      <button type="button" className="lab-text" onClick={() => props.run(props.count === 0 ? "selectAll" : "escape")}>
        {props.count === 0 ? t.selectPage : t.clearSelection}
      </button>
      {suggesting.isRunning ? <Progress suggesting={suggesting} /> : null}
      {props.suggestedHere === 0 ? null : (
        <span className="lab-actions">
          <button type="button" className="lab-text" onClick={() => props.run("acceptAll")} data-testid="accept-all">
            {t.acceptAllHere(props.suggestedHere)}
          </button>
          <button type="button" className="lab-text" onClick={() => props.run("rejectAll")}>
            {t.rejectAll}
          </button>
        </span>
      )}
      {shown === "suggested" || pages === 1 ? null : (
        <Pagination
          currentPageIndex={pictures.page}
          pagesCount={pages}
          openEnd={pictures.isOpen}
          ariaLabels={{
            nextPageLabel: t.nextPage,
            previousPageLabel: t.previousPage,
            pageLabel: (page) => t.page(page),
          }}
          onChange={({ detail }) => change({ page: `${detail.currentPageIndex}`, pick: null })}
        />
      )}
    </div>
  );
}


function Progress({ suggesting }: { readonly suggesting: Suggesting }): ReactNode {
  const { labelling: t, shell } = useWords();
  const [done, total] = [suggesting.task?.done ?? 0, suggesting.task?.total ?? 0];
  const text = t.suggesting(done, total);
  return (
    <span className="lab-progress">
      <progress aria-label={t.suggest} {...(total > 0 ? { value: done, max: total } : {})} />
      {text}
      <button type="button" className="lab-text" onClick={suggesting.cancel}>
        {shell.cancel}
      </button>
    </span>
  );
}
