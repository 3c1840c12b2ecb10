import Button from "@cloudscape-design/components/button";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { ReactNode } from "react";
import { conflicts, unsaved } from "../pictures/drafts.ts";
import { useWords } from "../words/language.ts";
import { Tool } from "./icons.tsx";
import { useLabelling } from "./labelling.ts";

export interface BarActions {
  readonly onSave: () => void;
  readonly onExit: () => void;
  readonly onHelp: () => void;
  readonly onConflicts: () => void;
  readonly onUndo: () => void;
  readonly onRedo: () => void;
}

/** The one bar of labelling mode: what is being labelled, the tools, and what is not saved. */
export function Bar(props: BarActions & { readonly start: ReactNode; readonly children: ReactNode }): ReactNode {
  const { labelling: t } = useWords();
  const { drafts } = useLabelling();
  return (
    <header className="lab-bar">
      <div className="lab-bar-start">{props.start}</div>
      <div className="lab-bar-tools" role="toolbar" aria-label={t.tools}>
        {props.children}
        <span className="lab-divider" />
        <Tool
          icon="undo"
          label={t.undo}
          hotkey="Ctrl+Z"
          isDisabled={drafts.history.past.length === 0}
          onPress={props.onUndo}
          testId="undo"
        />
        <Tool
          icon="redo"
          label={t.redo}
          hotkey="Ctrl+Shift+Z"
          isDisabled={drafts.history.future.length === 0}
          onPress={props.onRedo}
          testId="redo"
        />
      </div>
      <div className="lab-bar-end">
        <Tool icon="keys" label={t.shortcutsTitle} hotkey="?" onPress={props.onHelp} testId="shortcuts" />
        <SaveStatus onConflicts={props.onConflicts} />
        <Button onClick={props.onExit} data-testid="exit">
          {t.exit}
        </Button>
        <SaveButton onSave={props.onSave} />
      </div>
    </header>
  );
}

function SaveButton({ onSave }: { readonly onSave: () => void }): ReactNode {
  const { labelling: t } = useWords();
  const { drafts, saving } = useLabelling();
  const hasWork = drafts.saves.length > 0 || unsaved(drafts).length > 0;
  return (
    <Button
      variant="primary"
      disabled={!hasWork && !saving.isSaving}
      loading={saving.isSaving}
      loadingText={t.saving}
      onClick={onSave}
      data-testid="save-changes"
    >
      {t.save}
    </Button>
  );
}

function SaveStatus({ onConflicts }: { readonly onConflicts: () => void }): ReactNode {
  const { labelling: t } = useWords();
  const { drafts, saving } = useLabelling();
  const changed = conflicts(drafts).length;
  const count = unsaved(drafts).length;
  return (
    <div className="lab-status" aria-live="polite">
      {changed === 0 ? null : (
        <button type="button" className="lab-conflicts" onClick={onConflicts} data-testid="conflicts">
          {t.changedElsewhere(changed)}
        </button>
      )}
      {count === 0 ? (
        <StatusIndicator type="success">{t.allSaved}</StatusIndicator>
      ) : (
        <span
          className="lab-unsaved"
          data-testid="unsaved"
          title={saving.isKept ? t.keptHere : t.notKeptHere}
        >
          {t.unsaved(count)}
        </span>
      )}
    </div>
  );
}
