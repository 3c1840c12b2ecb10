/** The labels of the dataset, with colour and key: to pick one, or to tick those that apply. */
import type { ReactNode } from "react";
import { paletteColour } from "../pictures/label-colours.ts";
import { useWords } from "../words/language.ts";
import { useLabelling } from "./labelling.ts";

export type Ticked = "all" | "some" | "none";

export interface LabelListProps {
  /** The label that is picked, where one is. */
  readonly picked?: string | null;
  /** Which labels are ticked, where several can be. */
  readonly ticked?: (name: string) => Ticked;
  readonly onPress: (name: string) => void;
  readonly isDisabled?: boolean;
}

export function Swatch({ colour }: { readonly colour: string | undefined }): ReactNode {
  return <span className="lab-swatch" style={{ backgroundColor: colour ?? paletteColour(0) }} />;
}

export function LabelList({ picked, ticked, onPress, isDisabled }: LabelListProps): ReactNode {
  const { labelling: t } = useWords();
  const { labels, colours, keys } = useLabelling();
  if (labels.length === 0) return <p className="lab-note">{t.noLabels}</p>;
  return (
    <ul className="lab-labels" aria-label={t.labels}>
      {labels.map(({ name }) => {
        const state = ticked?.(name);
        const key = keys.get(name);
        return (
          <li key={name}>
            <button
              type="button"
              className="lab-label"
              role={state === undefined ? "radio" : "checkbox"}
              aria-checked={state === undefined ? name === picked : state === "some" ? "mixed" : state === "all"}
              aria-keyshortcuts={key}
              disabled={isDisabled}
              onClick={() => onPress(name)}
            >
              <Swatch colour={colours.get(name)} />
              <span className="lab-label-name" title={name}>
                {name}
              </span>
              {key === undefined ? null : <kbd>{key}</kbd>}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
