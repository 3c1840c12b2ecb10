import Box from "@cloudscape-design/components/box";
import Checkbox from "@cloudscape-design/components/checkbox";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useState } from "react";
import { MAX_IMAGE_LABELS, withImageLabel, withoutImageLabel } from "../pictures/labels.ts";
import { share } from "../pictures/selection.ts";
import { FormDialog } from "../shell/form-dialog.tsx";
import { useWords } from "../words/language.ts";
import { Swatch } from "./label-list.tsx";
import { edit, useLabelling } from "./labelling.ts";

export interface AssignDialogProps {
  readonly keys: readonly string[];
  readonly onAssigned: () => void;
  readonly onClose: () => void;
}

/** Assign or take away labels of the pictures selected; what some have stays where it is. */
export function AssignDialog({ keys, onAssigned, onClose }: AssignDialogProps): ReactNode {
  const { labelling: t } = useWords();
  const { session, drafts, labels, colours } = useLabelling();
  const [text, setText] = useState("");
  const [wanted, setWanted] = useState<ReadonlyMap<string, boolean>>(new Map());
  const state = (name: string): "all" | "some" | "none" => {
    const choice = wanted.get(name);
    if (choice !== undefined) return choice ? "all" : "none";
    const having = keys.filter((key) => drafts.byKey.get(key)?.labels.imageLabels.includes(name));
    return share(having.length, keys.length);
  };
  const isMixed = keys.some((key) => (drafts.byKey.get(key)?.labels.boxes.length ?? 0) > 0);
  const isTooMany =
    [...wanted.values()].some(Boolean) &&
    labels.filter(({ name }) => state(name) === "all").length > MAX_IMAGE_LABELS;
  const assign = (): void => {
    edit(session, "assign", keys, (before) =>
      [...wanted].reduce(
        (so, [name, isOn]) => (isOn ? withImageLabel(so, name) : withoutImageLabel(so, name)),
        before,
      ),
    );
    onAssigned();
    onClose();
  };
  const shown = labels.filter(({ name }) => name.toLowerCase().includes(text.toLowerCase()));
  return (
    <FormDialog
      title={t.assignTitle(keys.length)}
      confirm={t.assignConfirm}
      disabled={wanted.size === 0 || isTooMany}
      onClose={onClose}
      onConfirm={assign}
      testId="assign-confirm"
    >
      <SpaceBetween size="s">
        {labels.length > 8 ? (
          <Input type="search" value={text} placeholder={t.findLabels} ariaLabel={t.findLabels} onChange={({ detail }) => setText(detail.value)} />
        ) : null}
        {labels.length === 0 ? <Box color="text-body-secondary">{t.noLabels}</Box> : null}
        <div className="lab-checks">
          {shown.map(({ name }) => (
            <Checkbox
              key={name}
              checked={state(name) === "all"}
              indeterminate={state(name) === "some"}
              onChange={() => setWanted(new Map([...wanted, [name, state(name) !== "all"]]))}
            >
              <Swatch colour={colours.get(name)} /> {name}
            </Checkbox>
          ))}
        </div>
        {isTooMany ? <Box color="text-status-error">{t.tooManyLabels(MAX_IMAGE_LABELS)}</Box> : null}
        {isMixed ? <Box color="text-status-warning">{t.mixed}</Box> : null}
      </SpaceBetween>
    </FormDialog>
  );
}
