/** The small dialogs of labelling mode: leaving, conflicts, tips, shortcuts. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useState } from "react";
import { type DatasetImage, pictureUrl } from "../api/lensmith.ts";
import { BoxLayer } from "../pictures/box-layer.tsx";
import { conflicts, type Draft } from "../pictures/drafts.ts";
import { type Labels, labelsOf } from "../pictures/labels.ts";
import { useWords } from "../words/language.ts";
import { useLabelling } from "./labelling.ts";
import { prefer } from "./preferences.ts";
import { COMMANDS, type Group, isMac, SHORTCUTS, shownKey, type View } from "./shortcuts.ts";

export function LeaveDialog(props: {
  readonly count: number;
  readonly isSaving: boolean;
  readonly onSave: () => void;
  readonly onDiscard: () => void;
  readonly onStay: () => void;
}): ReactNode {
  const { labelling: t } = useWords();
  return (
    <Modal
      visible
      size="small"
      header={t.leaveTitle}
      onDismiss={props.onStay}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={props.onStay} data-testid="stay">
              {t.stay}
            </Button>
            <Button onClick={props.onDiscard} data-testid="discard">
              {t.discard}
            </Button>
            <Button variant="primary" loading={props.isSaving} onClick={props.onSave} data-testid="leave-save">
              {t.save}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      {t.leaveText(props.count)}
    </Modal>
  );
}

/** Show what was saved elsewhere beside what is here, and let each picture be decided. */
export function ConflictsDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { labelling: t, shell } = useWords();
  const { session, drafts } = useLabelling();
  const open = conflicts(drafts);
  const resolve = (keys: readonly string[], choice: "mine" | "theirs"): void => {
    for (const key of keys) session.dispatch({ type: "resolved", key, choice });
    if (keys.length === open.length) onClose();
  };
  const every = open.map((draft) => draft.image.source_ref);
  return (
    <Modal
      visible
      size="large"
      header={t.conflictsTitle(open.length)}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {shell.close}
            </Button>
            <Button onClick={() => resolve(every, "theirs")}>{t.allTheirs}</Button>
            <Button onClick={() => resolve(every, "mine")}>{t.allMine}</Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="l">
        <Alert type="warning">{t.conflictsText}</Alert>
        {open.map((draft) => (
          <Conflict key={draft.image.source_ref} draft={draft} onResolve={(choice) => resolve([draft.image.source_ref], choice)} />
        ))}
      </SpaceBetween>
    </Modal>
  );
}

function Conflict({ draft, onResolve }: { readonly draft: Draft; readonly onResolve: (choice: "mine" | "theirs") => void }): ReactNode {
  const { labelling: t } = useWords();
  const theirs = draft.conflict?.theirs ?? null;
  return (
    <section className="lab-conflict" aria-label={draft.image.name}>
      <Box variant="h3">{draft.image.name}</Box>
      <div className="lab-sides">
        <Side title={t.mine} image={draft.image} labels={draft.labels}>
          <Button onClick={() => onResolve("mine")} data-testid="keep-mine">
            {t.keepMine}
          </Button>
        </Side>
        {theirs === null ? (
          <div className="lab-side">
            <strong>{t.theirs}</strong>
            <p className="lab-note">{t.removedElsewhere}</p>
            <Button onClick={() => onResolve("theirs")} data-testid="take-theirs">
              {t.takeTheirs}
            </Button>
          </div>
        ) : (
          <Side title={t.theirs} image={theirs} labels={labelsOf(theirs)}>
            <Button onClick={() => onResolve("theirs")} data-testid="take-theirs">
              {t.takeTheirs}
            </Button>
          </Side>
        )}
      </div>
    </section>
  );
}

function Side(props: { readonly title: string; readonly image: DatasetImage; readonly labels: Labels; readonly children: ReactNode }): ReactNode {
  const { labelling: t } = useWords();
  const { colours } = useLabelling();
  const { image, labels } = props;
  const { width, height } = image;
  const names = [...new Set([...labels.imageLabels, ...labels.boxes.map((box) => box.label)])].join(", ");
  return (
    <div className="lab-side">
      <strong>{props.title}</strong>
      <span className="lab-side-picture">
        <img src={pictureUrl(image, 320)} alt="" />
        {width === null || height === null ? null : (
          <BoxLayer picture={{ width, height }} boxes={labels.boxes} colours={colours} />
        )}
      </span>
      <p className="lab-note">
        {labels.nothingHere ? t.nothingHere : t.summary(labels.boxes.length, labels.imageLabels.length)}
        {names === "" ? "" : `: ${names}`}
      </p>
      {props.children}
    </div>
  );
}

export function TipsDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { labelling: t } = useWords();
  const [isLast, setLast] = useState(false);
  const close = (): void => {
    if (isLast) prefer({ hasTips: false });
    onClose();
  };
  return (
    <Modal
      visible
      header={t.tipsTitle}
      onDismiss={close}
      footer={
        <Box float="right">
          <Button variant="primary" onClick={close} data-testid="tips-close">
            {t.tipsClose}
          </Button>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <ul className="lab-tips">
          {t.tips.map(([title, text]) => (
            <li key={title}>
              <strong>{title}</strong> {text}
            </li>
          ))}
        </ul>
        <Checkbox checked={isLast} onChange={({ detail }) => setLast(detail.checked)}>
          {t.tipsLast}
        </Checkbox>
      </SpaceBetween>
    </Modal>
  );
}

const GROUPS: readonly Group[] = ["tools", "boxes", "pictures", "suggestions", "view", "everywhere"];

export function ShortcutsDialog({ view, onClose }: { readonly view: View; readonly onClose: () => void }): ReactNode {
  const { labelling: t } = useWords();
  const mac = isMac();
  return (
    <Modal visible size="large" header={t.shortcutsTitle} onDismiss={onClose}>
      <div className="lab-sheet" data-testid="shortcut-sheet">
        {GROUPS.map((group) => {
          const commands = COMMANDS.filter(
            (command) =>
              SHORTCUTS[command].group === group && (SHORTCUTS[command].views as readonly View[]).includes(view),
          );
          return commands.length === 0 ? null : (
            <section key={group} aria-label={t.groups[group]}>
              <h3>{t.groups[group]}</h3>
              <dl>
                {commands.map((command) => (
                  <div key={command}>
                    <dt>{t.commands[command]}</dt>
                    <dd>
                      {SHORTCUTS[command].keys.map((key) => (
                        <kbd key={key}>{shownKey(key, mac)}</kbd>
                      ))}
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          );
        })}
      </div>
    </Modal>
  );
}
