/** Rows of pictures, of which only those near the window are drawn: 10,000 cost as much as 50. */
import { type Range, useWindowVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useCallback, useLayoutEffect, useRef, useState } from "react";
import type { DatasetImage } from "../api/lensmith.ts";
import { useWords } from "../words/language.ts";
import { ImageCard } from "./image-card.tsx";

const CARD_WIDTH = 208;
const ROW_HEIGHT = 232;
const GAP = 16;

interface Place {
  readonly columns: number;
  readonly top: number;
}

/** How many cards stand in a row, and where the grid begins on the page. */
function usePlace(): [(element: HTMLElement | null) => void, Place] {
  const [element, setElement] = useState<HTMLElement | null>(null);
  const [place, setPlace] = useState<Place>({ columns: 4, top: 0 });
  useLayoutEffect(() => {
    if (element === null) return undefined;
    const measure = (): void => {
      const columns = Math.max(1, Math.floor((element.clientWidth + GAP) / (CARD_WIDTH + GAP)));
      const top = element.getBoundingClientRect().top + window.scrollY;
      setPlace((old) => (old.columns === columns && old.top === top ? old : { columns, top }));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [element]);
  return [setElement, place];
}

/** The rows in sight, and the next one in the direction of scrolling. */
function useRowsAhead(): (range: Range) => number[] {
  const before = useRef(0);
  return useCallback(({ startIndex, endIndex, count }) => {
    const isBack = startIndex < before.current;
    before.current = startIndex;
    const first = Math.max(0, startIndex - (isBack ? 1 : 0));
    const last = Math.min(count - 1, endIndex + (isBack ? 0 : 1));
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  }, []);
}

export function ImageGrid(props: {
  readonly images: readonly DatasetImage[];
  readonly colours: ReadonlyMap<string, string>;
  readonly href: (image: DatasetImage) => string;
}): ReactNode {
  const { gallery: t } = useWords();
  const [ref, { columns, top }] = usePlace();
  const { images } = props;
  const rows = Math.ceil(images.length / columns);
  const rowsAhead = useRowsAhead();
  const virtualizer = useWindowVirtualizer({
    count: rows,
    estimateSize: () => ROW_HEIGHT,
    gap: GAP,
    rangeExtractor: rowsAhead,
    scrollMargin: top,
  });
  const isFirst = useRef(true);
  useLayoutEffect(() => {
    // Another page starts at its top; the first one where the browser was.
    if (!isFirst.current && window.scrollY > top) window.scrollTo({ top: Math.max(top - 160, 0) });
    isFirst.current = false;
    // The page, not the place, decides.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [images[0]?.source_ref]);
  return (
    <ul
      ref={ref}
      className="image-grid"
      aria-label={t.images}
      style={{ blockSize: virtualizer.getTotalSize() }}
    >
      {virtualizer.getVirtualItems().flatMap((row) =>
        images.slice(row.index * columns, (row.index + 1) * columns).map((image, column) => (
          <ImageCard
            key={image.source_ref}
            image={image}
            colours={props.colours}
            href={props.href(image)}
            style={{
              transform: `translateY(${row.start - top}px)`,
              blockSize: ROW_HEIGHT,
              inlineSize: `calc((100% - ${GAP * (columns - 1)}px) / ${columns})`,
              insetInlineStart: `calc((100% + ${GAP}px) / ${columns} * ${column})`,
            }}
          />
        )),
      )}
    </ul>
  );
}
