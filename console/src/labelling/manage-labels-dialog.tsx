import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button, { type ButtonProps } from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { putLabels, readTask, removeLabel, renameLabel, type Started, type Task } from "../api/lensmith.ts";
import * as queries from "../api/queries.ts";
import { freshColour } from "../pictures/label-colours.ts";
import { boxId } from "../pictures/labels.ts";
import { ErrorAlert } from "../shell/error-details.tsx";
import { useWords } from "../words/language.ts";
import { asUsed, type LabelRow, planOf, problemOf, rowOf } from "./label-plan.ts";
import { useLabelling } from "./labelling.ts";
import { LABEL_KEYS } from "./shortcuts.ts";

const ASK_MS = 400;
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, ASK_MS));

interface Progress {
  readonly text: string;
  readonly done: number;
  readonly total: number | null;
}

/** Add, colour, rename and remove labels; those in use change in every picture. */
export function ManageLabelsDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { labelling: t, shell } = useWords();
  const { project, kind, session, labels, colours, keys } = useLabelling();
  const client = useQueryClient();
  const [first] = useState<readonly LabelRow[]>(() =>
    labels.map((label) => rowOf(label, colours.get(label.name) ?? "#0072b2", keys.get(label.name) ?? null)),
  );
  const [rows, setRows] = useState(first);
  const [text, setText] = useState("");
  const [isAsked, setAsked] = useState(false);
  const [progress, setProgress] = useState<Progress | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [doubted, setDoubted] = useState<LabelRow | null>(null);
  const names = rows.map(({ name }) => name);
  const problem = problemOf(text.trim(), names);
  const isSound = rows.every((row) => problemOf(row.name.trim(), names.toSpliced(names.indexOf(row.name), 1)) === null);

  const change = (row: LabelRow, next: Partial<LabelRow>): void =>
    setRows(
      rows.map((one) => {
        if (one === row) return { ...one, ...next };
        return next.key && one.key === next.key ? { ...one, key: null } : one;
      }),
    );
  /** Add what was typed; returns all rows, or null if the name cannot be one. */
  const add = (): readonly LabelRow[] | null => {
    setAsked(true);
    if (problem !== null) return null;
    const key = LABEL_KEYS.find((one) => rows.every((row) => row.key !== one)) ?? null;
    const color = freshColour(rows.map((row) => row.color));
    const added = [...rows, { id: boxId(), before: null, name: text.trim(), color, key, images: 0, boxes: 0 }];
    setRows(added);
    setText("");
    setAsked(false);
    return added;
  };
  const drop = (row: LabelRow): void => setRows(rows.filter(({ id }) => id !== row.id));
  const remove = (row: LabelRow): void => {
    if (row.images + row.boxes > 0) setDoubted(row);
    else drop(row);
  };

  const finished = async (started: Promise<Started>, title: string): Promise<void> => {
    const { task } = await started;
    for (;;) {
      const state: Task = await readTask(task);
      setProgress({ text: title, done: state.done, total: state.total });
      if (state.state === "completed") return;
      if (state.state !== "running") throw new Error(state.error?.message ?? state.state);
      await pause();
    }
  };
  const save = async (): Promise<void> => {
    setError(null);
    // A name that was typed is meant, without a press of Add, too.
    const wanted = text.trim() === "" ? rows : add();
    if (wanted === null) return;
    const plan = planOf(first, wanted.map((row) => ({ ...row, name: row.name.trim() })), labels);
    try {
      setProgress({ text: t.savingLabels, done: 0, total: null });
      for (const name of plan.removed) {
        await finished(removeLabel(project, kind, name), t.removing(name));
        session.dispatch({ type: "labelChanged", from: name, to: null });
      }
      for (const { from, to } of plan.renamed) {
        await finished(renameLabel(project, kind, from, to), t.renaming(from, to));
        session.dispatch({ type: "labelChanged", from, to });
      }
      await putLabels(project, kind, plan.put);
      // Before it closes: opened again it begins with the labels as they are then.
      await client.invalidateQueries({ queryKey: queries.labels(project, kind).queryKey });
      onClose();
    } catch (failed) {
      setError(failed);
      setProgress(null);
    } finally {
      void client.invalidateQueries({ queryKey: ["dataset", project, kind] });
      void client.invalidateQueries({ queryKey: ["datasets"] });
    }
  };

  const isBusy = progress !== null;
  const isChanged = rows !== first || text !== "";
  return (
    <>
      <Modal
        visible
        size="medium"
        header={t.manageTitle}
        // A click beside the dialog does not take away what was changed in it.
        onDismiss={({ detail }) => (isBusy || (isChanged && detail.reason === "overlay") ? undefined : onClose())}
        footer={
          <Box float="right">
            <SpaceBetween direction="horizontal" size="xs">
              <Button variant="link" disabled={isBusy} onClick={onClose}>
                {shell.cancel}
              </Button>
              <Button variant="primary" loading={isBusy} disabled={!isSound} onClick={() => void save()} data-testid="save-labels">
                {t.saveLabels}
              </Button>
            </SpaceBetween>
          </Box>
        }
      >
        <SpaceBetween size="m">
          <ErrorAlert error={error} />
          <FormField
            label={t.newLabel}
            errorText={isAsked && problem !== null ? t.nameProblems[problem] : undefined}
          >
            <div className="lab-add">
            <Input
              value={text}
              // The dialog is opened to type a name.
              // oxlint-disable-next-line jsx-a11y/no-autofocus
              autoFocus
              disabled={isBusy}
              placeholder={t.newLabelHint}
              onChange={({ detail }) => {
                setText(detail.value);
                setAsked(false);
              }}
              onKeyDown={({ detail }) => {
                if (detail.key === "Enter" && !detail.isComposing) add();
              }}
            />
            <Button iconName="add-plus" onClick={add} disabled={isBusy} data-testid="add-label">
              {t.addLabel}
            </Button>
            </div>
          </FormField>
          {progress === null ? null : (
            <ProgressBar
              value={progress.total ? (100 * progress.done) / progress.total : 0}
              label={progress.text}
              additionalInfo={t.keepsGoing}
            />
          )}
          {rows.length === 0 ? (
            <Box color="text-body-secondary" textAlign="center">
              {t.noLabels}
            </Box>
          ) : (
            <ul className="lab-manage" aria-label={t.labels}>
              {rows.map((row, index) => {
                const used = asUsed(row, labels);
                return (
                  <ManagedRow
                    key={row.id}
                    row={used}
                    names={names.toSpliced(index, 1)}
                    isDisabled={isBusy}
                    onChange={(next) => change(row, next)}
                    onRemove={() => remove(used)}
                  />
                );
              })}
            </ul>
          )}
        </SpaceBetween>
      </Modal>
      {doubted === null ? null : (
        <RemoveDialog
          row={doubted}
          onClose={() => setDoubted(null)}
          onRemove={() => {
            drop(doubted);
            setDoubted(null);
          }}
        />
      )}
    </>
  );
}

function ManagedRow(props: {
  readonly row: LabelRow;
  readonly names: readonly string[];
  readonly isDisabled: boolean;
  readonly onChange: (next: Partial<LabelRow>) => void;
  readonly onRemove: () => void;
}): ReactNode {
  const { labelling: t } = useWords();
  const { row, names, isDisabled, onChange } = props;
  const [isRenaming, setRenaming] = useState(false);
  const problem = problemOf(row.name.trim(), names);
  const called = row.before ?? row.name;
  return (
    <li className="lab-managed">
      <input
        type="color"
        className="lab-colour"
        value={row.color}
        disabled={isDisabled}
        aria-label={t.colourOf(called)}
        title={t.colourOf(called)}
        onChange={(event) => onChange({ color: event.target.value })}
      />
      {isRenaming || problem !== null ? (
        <FormField errorText={problem === null ? undefined : t.nameProblems[problem]} stretch>
          <Input
            value={row.name}
            // oxlint-disable-next-line jsx-a11y/no-autofocus
            autoFocus
            disabled={isDisabled}
            ariaLabel={t.nameOf(called)}
            onChange={({ detail }) => onChange({ name: detail.value })}
            onBlur={() => setRenaming(false)}
            onKeyDown={({ detail }) => {
              if (detail.key === "Enter" && !detail.isComposing) setRenaming(false);
            }}
          />
        </FormField>
      ) : (
        <span className="lab-label-name" title={row.name}>
          {row.name}
        </span>
      )}
      <span className="lab-number">{t.used(row.images, row.boxes)}</span>
      <select
        className="lab-key"
        value={row.key ?? ""}
        disabled={isDisabled}
        aria-label={t.keyOf(called)}
        title={t.keyOf(called)}
        onChange={(event) => onChange({ key: event.target.value === "" ? null : event.target.value })}
      >
        <option value="">–</option>
        {LABEL_KEYS.map((key) => (
          <option key={key} value={key}>
            {key}
          </option>
        ))}
      </select>
      <Button variant="icon" iconName="edit" disabled={isDisabled} ariaLabel={t.rename(called)} onClick={() => setRenaming(true)} />
      <Button variant="icon" iconName="close" disabled={isDisabled} ariaLabel={t.remove(called)} onClick={props.onRemove} />
    </li>
  );
}

function RemoveDialog(props: { readonly row: LabelRow; readonly onClose: () => void; readonly onRemove: () => void }): ReactNode {
  const { labelling: t, shell } = useWords();
  const { row } = props;
  const cancel = useRef<ButtonProps.Ref>(null);
  useEffect(() => {
    // After the dialog has put the focus on its first element.
    const timer = setTimeout(() => cancel.current?.focus(), 50);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Modal
      visible
      size="small"
      header={t.removeTitle(row.name)}
      onDismiss={props.onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button ref={cancel} onClick={props.onClose}>
              {shell.cancel}
            </Button>
            <Button onClick={props.onRemove} data-testid="remove-everywhere">
              {t.removeEverywhere}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <Alert type="warning">{t.removeDoubt(row.images, row.boxes)}</Alert>
    </Modal>
  );
}
