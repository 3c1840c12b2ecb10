/** The room for labelling: the whole window below the notices, which come and go. */
import { type ReactNode, useLayoutEffect, useRef } from "react";

const GAP = 8;

export function Room({ children }: { readonly children: ReactNode }): ReactNode {
  const room = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const notices = document.getElementById("notices");
    if (notices === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      const height = entry?.contentRect.height ?? 0;
      room.current?.style.setProperty("top", height === 0 ? "0" : `${height + 2 * GAP}px`);
    });
    observer.observe(notices);
    return () => observer.disconnect();
  }, []);
  return (
    <div className="lab-room" ref={room}>
      {children}
    </div>
  );
}
