/** The room for labelling: the whole window below the notices, which come and go. */
import { type ReactNode, useLayoutEffect, useRef, useSyncExternalStore } from "react";
import { connection } from "../api/connection.ts";
import { useNotices } from "../shell/notices.ts";

/** When the notices may have moved: at once, and after they have slid in. */
const MOMENTS_MS = [0, 60, 400];

export function Room({ children }: { readonly children: ReactNode }): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const room = useRef<HTMLDivElement>(null);
  const notices = useNotices();
  const isLost = useSyncExternalStore(connection.subscribe, connection.isLost);
  useLayoutEffect(() => {
    const measure = (): void => {
      const top = Math.max(0, (place.current?.getBoundingClientRect().top ?? 0) + scrollY);
      if (room.current !== null) room.current.style.top = `${Math.min(top, innerHeight / 3)}px`;
    };
    const timers = MOMENTS_MS.map((moment) => setTimeout(measure, moment));
    return () => timers.forEach(clearTimeout);
    // They say when to measure.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [notices, isLost]);
  return (
    <div ref={place}>
      <div className="lab-room" ref={room}>
        {children}
      </div>
    </div>
  );
}
