/** The icons of the tools, 16 pixels, drawn with the text's colour. */
import type { ReactNode } from "react";

const PATHS = {
  select: "M3 2l10 5.2-4.3 1.3L7 13z",
  draw: "M2.5 4.5v-2h2M11.5 2.5h2v2M13.5 11.5v2h-2M4.5 13.5h-2v-2M2.5 7v2M13.5 7v2M7 2.5h2M7 13.5h2",
  lock: "M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 015 0v2.5",
  unlock: "M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 014.6-1.3",
  undo: "M5.5 3L2.5 6l3 3M3 6h6a4 4 0 010 8H6",
  redo: "M10.5 3l3 3-3 3M13 6H7a4 4 0 000 8h3",
  zoomIn: "M11 11l3 3M7 12A5 5 0 107 2a5 5 0 000 10zM7 5v4M5 7h4",
  zoomOut: "M11 11l3 3M7 12A5 5 0 107 2a5 5 0 000 10zM5 7h4",
  fit: "M2.5 5.5v-3h3M10.5 2.5h3v3M13.5 10.5v3h-3M5.5 13.5h-3v-3M6 6h4v4H6z",
  hide: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 10a2 2 0 100-4 2 2 0 000 4z",
  hidden: "M2 2l12 12M6.5 3.7A6 6 0 018 3.5c4 0 6.5 4.5 6.5 4.5a12 12 0 01-2 2.5M4 5a12 12 0 00-2.5 3S4 12.5 8 12.5a6 6 0 003-.8",
  names: "M2 3.5h6.5L14 8l-5.5 4.5H2zM5 8h.01",
  guides: "M8 1.5v13M1.5 8h13M8 5.5a2.5 2.5 0 100 5 2.5 2.5 0 000-5z",
  light: "M8 11a3 3 0 100-6 3 3 0 000 6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1",
  repeat: "M11 1.5L13.5 4 11 6.5M2.5 8V6a2 2 0 012-2h9M5 14.5L2.5 12 5 9.5M13.5 8v2a2 2 0 01-2 2h-9",
  nothing: "M8 14A6 6 0 108 2a6 6 0 000 12zM3.8 12.2l8.4-8.4",
  previous: "M10 3L5 8l5 5",
  next: "M6 3l5 5-5 5",
  keys: "M1.5 4h13v8h-13zM4 7h.01M6.7 7h.01M9.3 7h.01M12 7h.01M5 9.7h6",
  check: "M3 8.5l3.2 3.2L13 5",
  cross: "M4 4l8 8M12 4l-8 8",
  back: "M7 3L2 8l5 5M2.5 8H14",
  sparkle: "M8 1.5l1.6 4.4L14 7.5 9.6 9.1 8 13.5 6.4 9.1 2 7.5l4.4-1.6zM13 11.5v3M11.5 13h3",
  open: "M9.5 2.5h4v4M13.5 2.5l-6 6M11.5 9v4.5h-9v-9H7",
  warning: "M8 2l6.5 11.5h-13zM8 6.5v3M8 11.5h.01",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }): ReactNode {
  return (
    <svg className="lab-icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

export interface ToolProps {
  readonly icon: IconName;
  readonly label: string;
  /** The key that does the same; shown in the tooltip. */
  readonly hotkey?: string;
  readonly isPressed?: boolean;
  readonly isDisabled?: boolean;
  readonly text?: string;
  /** A button that begins something, rather than a tool. */
  readonly isFramed?: boolean;
  /** Why it is disabled. */
  readonly reason?: string;
  readonly testId?: string;
  readonly onPress: () => void;
}

/** A button of the toolbar, with its key in the tooltip. */
export function Tool(props: ToolProps): ReactNode {
  const { hotkey, label } = props;
  return (
    <button
      type="button"
      className={props.isFramed ? "lab-tool is-framed" : "lab-tool"}
      aria-label={label}
      aria-pressed={props.isPressed}
      aria-keyshortcuts={hotkey?.replace("Ctrl", "Control")}
      title={props.isDisabled && props.reason ? props.reason : hotkey === undefined ? label : `${label} (${hotkey})`}
      disabled={props.isDisabled}
      data-testid={props.testId}
      onClick={props.onPress}
    >
      <Icon name={props.icon} />
      {props.text === undefined ? null : <span>{props.text}</span>}
    </button>
  );
}
