/** A dialog with a form: what is asked, the reason of a failure, and two buttons. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useId } from "react";
import { useWords } from "../words/language.ts";
import { ErrorAlert } from "./error-details.tsx";

export interface FormDialogProps {
  readonly title: string;
  /** What the button that sends the form says. */
  readonly confirm: string;
  /** Called by the button and by Enter, never while it is disabled or busy. */
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly busy?: boolean;
  readonly disabled?: boolean;
  readonly error?: unknown;
  readonly errorTitle?: string;
  readonly testId?: string;
  readonly children?: ReactNode;
}

/** Mount it to open it. */
export function FormDialog(props: FormDialogProps): ReactNode {
  const { shell } = useWords();
  const form = useId();
  const isDisabled = props.disabled === true;
  const isBusy = props.busy === true;
  return (
    <Modal
      visible
      header={props.title}
      closeAriaLabel={shell.close}
      onDismiss={props.onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" formAction="none" onClick={props.onClose}>
              {shell.cancel}
            </Button>
            <Button
              variant="primary"
              form={form}
              disabled={isDisabled}
              loading={isBusy}
              data-testid={props.testId ?? "confirm"}
            >
              {props.confirm}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault();
          if (!isDisabled && !isBusy) props.onConfirm();
        }}
      >
        <SpaceBetween size="m">
          {props.children}
          <ErrorAlert
            error={props.error}
            {...(props.errorTitle === undefined ? {} : { title: props.errorTitle })}
          />
        </SpaceBetween>
      </form>
    </Modal>
  );
}
