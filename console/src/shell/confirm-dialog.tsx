import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { type ReactNode, useState } from "react";
import { useWords } from "../words/language.ts";
import { FormDialog, type FormDialogProps } from "./form-dialog.tsx";

export interface ConfirmDialogProps extends FormDialogProps {
  /** The word to type; none: a button is enough. */
  readonly word?: string;
}

/** Ask before something that cannot be undone. Mount it to open it. */
export function ConfirmDialog({ word, children, ...props }: ConfirmDialogProps): ReactNode {
  const { shell } = useWords();
  const [typed, setTyped] = useState("");
  const isReady = props.disabled !== true && (word === undefined || typed === word);
  return (
    <FormDialog {...props} disabled={!isReady}>
      <Box>{children}</Box>
      {word === undefined ? null : (
        <FormField label={shell.typeToConfirm(word)}>
          <Input
            value={typed}
            // Deleting is what the dialog was opened for.
            // oxlint-disable-next-line jsx-a11y/no-autofocus
            autoFocus
            autoComplete={false}
            disabled={props.disabled === true}
            placeholder={word}
            onChange={({ detail }) => setTyped(detail.value)}
          />
        </FormField>
      )}
    </FormDialog>
  );
}
