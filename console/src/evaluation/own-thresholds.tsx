import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { forgetThresholds, storeThresholds, type Thresholds } from "../api/versions.ts";
import { ConfirmDialog } from "../shell/confirm-dialog.tsx";
import { notify } from "../shell/notices.ts";
import { useWords } from "../words/language.ts";
import { percentText } from "./threshold.ts";

/** Store what was chosen with the sliders as the thresholds that the version answers by. */
export function OwnThresholds(props: {
  readonly project: string;
  readonly name: string;
  readonly thresholds: Thresholds;
  /** What is chosen and not stored, 0..1 by label. */
  readonly chosen: ReadonlyMap<string, number>;
  readonly onStored: () => void;
}): ReactNode {
  const { evaluation: t } = useWords();
  const { project, name, thresholds, chosen } = props;
  const client = useQueryClient();
  const [asking, setAsking] = useState<"store" | "forget" | null>(null);
  const stored = new Map(
    thresholds.labels.flatMap(({ label, own }): [string, number][] => (own === null ? [] : [[label, own]])),
  );
  const change = useMutation({
    mutationFn: (what: "store" | "forget") =>
      what === "forget"
        ? forgetThresholds(project, name)
        : storeThresholds(project, name, Object.fromEntries([...stored, ...chosen])),
    onSuccess: (now, what) => {
      client.setQueryData(["thresholds", project, name], now);
      notify({ type: "success", content: what === "store" ? t.own.isStored : t.own.isForgotten });
      setAsking(null);
      props.onStored();
    },
  });
  const list = (of: ReadonlyMap<string, number>): string =>
    [...of].map(([label, value]) => t.own.each(label, percentText(value))).join(", ");
  const close = (): void => {
    setAsking(null);
    change.reset();
  };
  const dialog = { busy: change.isPending, error: change.error, onClose: close };
  return (
    <div data-testid="own-thresholds">
      <SpaceBetween size="s">
        <Box variant="h3">{t.own.title}</Box>
        {thresholds.stored ? (
          <Alert type="info">{t.own.on(list(stored))}</Alert>
        ) : (
          <Box color="text-body-secondary">{t.own.off}</Box>
        )}
        {chosen.size === 0 ? null : <Box>{t.own.chosen(list(chosen))}</Box>}
        <SpaceBetween direction="horizontal" size="xs">
          <Button
            disabled={chosen.size === 0}
            disabledReason={t.own.chooseFirst}
            onClick={() => setAsking("store")}
            data-testid="store-thresholds"
          >
            {t.own.store}
          </Button>
          {thresholds.stored ? (
            <Button onClick={() => setAsking("forget")} data-testid="forget-thresholds">
              {t.own.forget}
            </Button>
          ) : null}
        </SpaceBetween>
      </SpaceBetween>
      {asking === "store" ? (
        <ConfirmDialog {...dialog} title={t.own.store} confirm={t.own.confirm} onConfirm={() => change.mutate("store")}>
          {t.own.storeText(list(new Map([...stored, ...chosen])))}
        </ConfirmDialog>
      ) : null}
      {asking === "forget" ? (
        <ConfirmDialog {...dialog} title={t.own.forget} confirm={t.own.confirm} onConfirm={() => change.mutate("forget")}>
          {t.own.forgetText}
        </ConfirmDialog>
      ) : null}
    </div>
  );
}
