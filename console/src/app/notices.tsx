import Button from "@cloudscape-design/components/button";
import Flashbar, { type FlashbarProps } from "@cloudscape-design/components/flashbar";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useSyncExternalStore } from "react";
import { connection } from "../api/connection.ts";
import { whoAmI } from "../api/lensmith.ts";
import { dismiss, notify, useNotices } from "../shell/notices.ts";
import { useWords } from "../words/language.ts";

const RETRY_MS = 2_000;

const ask = (): void => {
  whoAmI().catch(() => undefined);
};

/** Ask until the server answers again, then read everything anew. */
function useReconnection(): boolean {
  const { shell: t } = useWords();
  const isLost = useSyncExternalStore(connection.subscribe, connection.isLost);
  const wasLost = useRef(false);
  const client = useQueryClient();
  useEffect(() => {
    if (!isLost) {
      if (wasLost.current) {
        void client.invalidateQueries();
        notify({ type: "success", content: t.connected, id: "connection" });
      }
      return undefined;
    }
    wasLost.current = true;
    dismiss("connection");
    const timer = setInterval(ask, RETRY_MS);
    return () => clearInterval(timer);
  }, [isLost, client, t]);
  return isLost;
}

export function Notices(): ReactNode {
  const { shell: t } = useWords();
  const isLost = useReconnection();
  const notices = useNotices();
  const items: FlashbarProps.MessageDefinition[] = notices.map((notice) => ({
    ...notice,
    dismissible: true,
    dismissLabel: t.dismiss,
    onDismiss: () => dismiss(notice.id),
  }));
  if (isLost) {
    items.unshift({
      id: "connection-lost",
      type: "warning",
      loading: true,
      header: t.connectionLost,
      content: t.connectionLostDetail,
      action: <Button onClick={ask}>{t.retryNow}</Button>,
    });
  }
  return (
    <div id="notices">
      <Flashbar items={items} stackItems={items.length > 3} />
    </div>
  );
}
