import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useState } from "react";
import { useWords } from "../words/language.ts";
import { ErrorAlert } from "./error-details.tsx";

export interface ConfirmDialogProps {
  readonly title: string;
  /** The word to type; none: a button is enough. */
  readonly word?: string;
  readonly confirm: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly busy?: boolean;
  readonly disabled?: boolean;
  readonly error?: unknown;
  readonly children?: ReactNode;
}

/** Ask before something that cannot be undone. Mount it to open it. */
export function ConfirmDialog(props: ConfirmDialogProps): ReactNode {
  const { shell } = useWords();
  const [typed, setTyped] = useState("");
  const isReady = props.disabled !== true && (props.word === undefined || typed === props.word);
  const submit = (): void => {
    if (isReady && props.busy !== true) props.onConfirm();
  };
  return (
    <Modal visible header={props.title} closeAriaLabel={shell.close} onDismiss={props.onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button variant="link" formAction="none" onClick={props.onClose}>
                {shell.cancel}
              </Button>
              <Button
                variant="primary"
                disabled={!isReady}
                loading={props.busy === true}
                data-testid="confirm"
              >
                {props.confirm}
              </Button>
            </SpaceBetween>
          }
        >
          <SpaceBetween size="m">
            <Box>{props.children}</Box>
            {props.word === undefined ? null : (
              <FormField label={shell.typeToConfirm(props.word)}>
                <Input
                  value={typed}
                  // Deleting is what the dialog was opened for.
                  // oxlint-disable-next-line jsx-a11y/no-autofocus
                  autoFocus
                  autoComplete={false}
                  disabled={props.disabled === true}
                  placeholder={props.word}
                  onChange={({ detail }) => setTyped(detail.value)}
                />
              </FormField>
            )}
            <ErrorAlert error={props.error} />
          </SpaceBetween>
        </Form>
      </form>
    </Modal>
  );
}
