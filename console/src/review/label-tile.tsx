/** One picture of the grid: ticked with its labels, or rejected, or skipped. */
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import type { ReactNode } from "react";
import { pictureUrl } from "../api/lensmith.ts";
import type { ReviewedPicture } from "../api/reviews.ts";
import { useFormat, useWords } from "../words/language.ts";
import type { Verdict } from "./verdicts.ts";

export function LabelTile(props: {
  readonly picture: ReviewedPicture;
  readonly verdict: Verdict;
  readonly labels: readonly string[];
  readonly colours: ReadonlyMap<string, string>;
  readonly isFocusable: boolean;
  readonly onTick: () => void;
  readonly onLabel: (name: string) => void;
  readonly onTake: (name: string) => void;
}): ReactNode {
  const { review: t } = useWords();
  const format = useFormat();
  const { picture, verdict, labels } = props;
  const confidences = new Map(picture.predicted_labels.map(({ name, confidence }) => [name, confidence]));
  const isRight = verdict.verdict === "verified";
  return (
    <li className="review-tile" data-verdict={verdict.verdict} data-testid="review-tile">
      <button
        type="button"
        className="review-picture"
        // A button holds the picture; an input could not.
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
        role="checkbox"
        aria-checked={isRight}
        aria-label={t.tile(picture.name, verdict.labels.join(", "), t.verdicts[verdict.verdict])}
        tabIndex={props.isFocusable ? 0 : -1}
        onClick={props.onTick}
      >
        <img src={pictureUrl(picture, 320)} alt="" loading="lazy" draggable={false} />
        <span className="review-mark" aria-hidden="true">
          {isRight ? "✓" : verdict.verdict === "rejected" ? "✕" : "–"}
        </span>
      </button>
      <div className="review-name" title={picture.source_ref}>
        {picture.name}
      </div>
      <div className="review-chips">
        {verdict.labels.map((name) => {
          const confidence = confidences.get(name);
          return (
            <button key={name} type="button" className="review-chip" title={t.takeLabel(name)} aria-label={t.takeLabel(name)} onClick={() => props.onTake(name)}>
              <span className="review-swatch" style={{ backgroundColor: props.colours.get(name) }} />
              <span className="review-chip-name">{name}</span>
              {confidence === undefined ? null : <span className="review-chip-number">{format.decimals(confidence, 0)} %</span>}
            </button>
          );
        })}
        {verdict.labels.length === 0 ? <span className="review-chip is-empty">{t.noLabel}</span> : null}
      </div>
      <div className="review-tile-foot">
        <ButtonDropdown
          expandToViewport
          ariaLabel={t.setLabelOf(picture.name)}
          items={labels.map((name, index) => ({ id: name, text: index < 9 ? `${index + 1}  ${name}` : name }))}
          onItemClick={({ detail }) => props.onLabel(detail.id)}
        >
          {t.setLabel}
        </ButtonDropdown>
        <span className="review-verdict">{t.verdicts[verdict.verdict]}</span>
      </div>
    </li>
  );
}
