import { type CSSProperties, type ReactNode, useEffect, useRef, useState } from "react";
import { useWords } from "../words/language.ts";
import "./wide-table.css";

const NOTHING = { before: false, after: false, top: 0, height: 0 };

/** Show, where a table goes on beside its edge, that it can be scrolled. */
export function WideTable({ children }: { readonly children: ReactNode }): ReactNode {
  const { shell } = useWords();
  const frame = useRef<HTMLDivElement>(null);
  const [more, setMore] = useState(NOTHING);
  useEffect(() => {
    const place = frame.current;
    // A sticky header is a table of its own, before the one of the rows.
    const scroller = [...(place?.querySelectorAll("table") ?? [])].at(-1)?.parentElement;
    if (!place || !scroller) return undefined;
    const look = (): void => {
      const { top, height } = scroller.getBoundingClientRect();
      const now = {
        before: scroller.scrollLeft > 1,
        after: scroller.scrollLeft + scroller.clientWidth < scroller.scrollWidth - 1,
        top: top - place.getBoundingClientRect().top,
        height,
      };
      setMore((old) => (JSON.stringify(old) === JSON.stringify(now) ? old : now));
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(scroller);
    for (const table of scroller.querySelectorAll("table")) observer.observe(table);
    scroller.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      scroller.removeEventListener("scroll", look);
    };
  }, []);
  return (
    <div
      className="wide-table"
      ref={frame}
      data-before={more.before}
      data-after={more.after}
      style={{ "--top": `${more.top}px`, "--height": `${more.height}px` } as CSSProperties}
    >
      {children}
      {more.after ? <p className="wide-table-hint">{shell.moreColumns}</p> : null}
    </div>
  );
}
