/** One picture of the grid: what it has, what is suggested, whether it is selected and saved. */
import { memo, type ReactNode } from "react";
import { pictureUrl } from "../api/lensmith.ts";
import { BoxLayer } from "../pictures/box-layer.tsx";
import type { Draft } from "../pictures/drafts.ts";
import { allBoxes, byLabel, isAnswered } from "../pictures/labels.ts";
import { useFormat, useWords } from "../words/language.ts";
import { Icon } from "./icons.tsx";
import { Swatch } from "./label-list.tsx";

export interface TileProps {
  readonly draft: Draft;
  readonly isSelected: boolean;
  /** Whether Tab stops here; the arrow keys reach the others. */
  readonly isFocusable: boolean;
  readonly colours: ReadonlyMap<string, string>;
}

interface Chip {
  readonly label: string;
  readonly text: string;
  readonly isSuggested: boolean;
}

/** Takes no handlers, which would draw all tiles anew with every edit: the grid listens for them. */
export const Tile = memo(function Tile(props: TileProps): ReactNode {
  const { labelling: t } = useWords();
  const { colours } = props;
  const format = useFormat();
  const { draft, isSelected } = props;
  const { image, labels, isUnsaved } = draft;
  const { boxes, imageLabels, nothingHere, suggested } = labels;
  const counted = byLabel(boxes);
  const guessed = byLabel(suggested?.boxes ?? []);
  const chips: readonly Chip[] = [
    ...imageLabels.map((label) => ({ label, text: "", isSuggested: false })),
    ...[...counted].map(([label, { length }]) => ({ label, text: `× ${length}`, isSuggested: false })),
    ...(suggested?.labels ?? []).map(({ name, confidence }) => ({
      label: name,
      text: `${format.decimals(confidence, 0)} %`,
      isSuggested: true,
    })),
    ...[...guessed].map(([label, { length }]) => ({ label, text: `× ${length}`, isSuggested: true })),
  ];
  const has = [...new Set(chips.map((chip) => chip.label))].join(", ");
  return (
    <li className="lab-tile" data-key={image.source_ref} data-selected={isSelected || undefined} data-suggested={suggested ? "" : undefined}>
      <button
        type="button"
        className="lab-tile-pick"
        // A button holds the picture; an input could not.
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
        role="checkbox"
        aria-checked={isSelected}
        aria-label={t.tile(image.name, nothingHere ? t.nothingHere : has, isUnsaved)}
        tabIndex={props.isFocusable ? 0 : -1}
        data-testid="tile"
      >
        <img src={pictureUrl(image, 320)} alt="" loading="lazy" draggable={false} />
        {image.width === null || image.height === null ? null : (
          <BoxLayer picture={{ width: image.width, height: image.height }} boxes={allBoxes(labels)} colours={colours} />
        )}
        <span className="lab-tile-check">
          <Icon name="check" />
        </span>
      </button>
      <button type="button" className="lab-tile-open" tabIndex={-1} aria-label={t.openPicture(image.name)} title={t.openPicture(image.name)}>
        <Icon name="open" />
      </button>
      <div className="lab-tile-name" title={image.source_ref}>
        <span>{image.name}</span>
        {isUnsaved ? <span className="lab-dot" title={t.notSaved} /> : null}
        {isAnswered(labels) ? (
          <span className="lab-tick">
            <Icon name="check" />
          </span>
        ) : null}
      </div>
      <div className="lab-tile-chips">
        {nothingHere ? (
          <span className="lab-chip is-nothing">
            <Icon name="nothing" /> {t.nothingHere}
          </span>
        ) : null}
        {chips.slice(0, 4).map((chip) => (
          <span key={`${chip.label}${chip.text}${chip.isSuggested}`} className={chip.isSuggested ? "lab-chip is-suggested" : "lab-chip"}>
            <Swatch colour={colours.get(chip.label)} /> {chip.label} {chip.text}
          </span>
        ))}
        {chips.length > 4 ? <span className="lab-chip">+{chips.length - 4}</span> : null}
        {draft.conflict === null ? null : <span className="lab-chip is-bad">{t.changedChip}</span>}
        {draft.rejected === null ? null : <span className="lab-chip is-bad" title={draft.rejected}>{t.rejectedChip}</span>}
        {chips.length === 0 && !nothingHere ? <span className="lab-chip is-empty">{t.unlabeled}</span> : null}
      </div>
    </li>
  );
});
