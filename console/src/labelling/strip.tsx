/** The pictures to be labelled beside the canvas, with what is done and what is not saved. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";
import { pictureUrl } from "../api/lensmith.ts";
import { BoxLayer } from "../pictures/box-layer.tsx";
import type { Draft } from "../pictures/drafts.ts";
import { allBoxes, isAnswered } from "../pictures/labels.ts";
import { useWords } from "../words/language.ts";
import { Icon } from "./icons.tsx";
import { useLabelling } from "./labelling.ts";

export interface StripProps {
  readonly keys: readonly string[];
  readonly current: string;
  readonly isAcross: boolean;
  readonly onShow: (key: string) => void;
}

const TALL = 98;
const WIDE = 104;

export function Strip({ keys, current, isAcross, onShow }: StripProps): ReactNode {
  const { labelling: t } = useWords();
  const { drafts } = useLabelling();
  const scroller = useRef<HTMLDivElement>(null);
  // oxlint-disable-next-line react/incompatible-library
  const rows = useVirtualizer({
    count: keys.length,
    horizontal: isAcross,
    estimateSize: () => (isAcross ? WIDE : TALL),
    getScrollElement: () => scroller.current,
    overscan: 4,
  });
  const index = keys.indexOf(current);
  useEffect(() => {
    if (index >= 0) rows.scrollToIndex(index, { align: "auto" });
  }, [index, rows]);
  const length = `${rows.getTotalSize()}px`;
  return (
    <nav className="lab-strip" aria-label={t.pictures} ref={scroller}>
      <div className="lab-strip-list" style={isAcross ? { width: length } : { height: length }}>
        {rows.getVirtualItems().map((row) => {
          const key = keys[row.index] ?? "";
          const draft = drafts.byKey.get(key);
          const offset = isAcross ? `translateX(${row.start}px)` : `translateY(${row.start}px)`;
          return (
            <div key={key} className="lab-strip-row" style={{ transform: offset }}>
              {draft === undefined ? null : (
                <StripItem
                  draft={draft}
                  position={row.index + 1}
                  isCurrent={key === current}
                  onShow={() => onShow(key)}
                />
              )}
            </div>
          );
        })}
      </div>
    </nav>
  );
}

function StripItem(props: {
  readonly draft: Draft;
  readonly position: number;
  readonly isCurrent: boolean;
  readonly onShow: () => void;
}): ReactNode {
  const { labelling: t } = useWords();
  const { colours } = useLabelling();
  const { image, labels, isUnsaved } = props.draft;
  const isDone = isAnswered(labels);
  return (
    <button
      type="button"
      className="lab-strip-item"
      aria-current={props.isCurrent ? "true" : undefined}
      aria-label={t.stripItem(props.position, image.name, isDone, isUnsaved)}
      title={image.name}
      onClick={props.onShow}
    >
      <span className="lab-strip-picture">
        <img src={pictureUrl(image, 320)} alt="" loading="lazy" draggable={false} />
        {image.width === null || image.height === null ? null : (
          <BoxLayer
            picture={{ width: image.width, height: image.height }}
            boxes={allBoxes(labels)}
            colours={colours}
            fit="cover"
          />
        )}
      </span>
      <span className="lab-strip-foot">
        <span className="lab-strip-number">{props.position}</span>
        {isUnsaved ? <span className="lab-dot" /> : null}
        {isDone ? (
          <span className="lab-tick">
            <Icon name="check" />
          </span>
        ) : null}
      </span>
    </button>
  );
}
