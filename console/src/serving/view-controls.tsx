import FormField from "@cloudscape-design/components/form-field";
import Slider from "@cloudscape-design/components/slider";
import Toggle from "@cloudscape-design/components/toggle";
import type { ReactNode } from "react";
import { useWords } from "../words/language.ts";
import type { View } from "./tried.ts";
import "./serving.css";

/** Choose what of the answers is shown. */
export function ViewControls(props: {
  readonly view: View;
  readonly onChange: (view: View) => void;
  /** Whether the models' own thresholds are known. */
  readonly hasThresholds: boolean;
}): ReactNode {
  const { serving } = useWords();
  const t = serving.try;
  const { view, onChange } = props;
  return (
    <div className="view-controls">
      <Toggle
        checked={view.isAssumed}
        disabled={!props.hasThresholds}
        onChange={({ detail }) => onChange({ ...view, isAssumed: detail.checked })}
        data-testid="try-assumed"
      >
        {t.assumed}
      </Toggle>
      <FormField label={t.minimum} stretch>
        <Slider
          value={view.minimum}
          min={0}
          max={100}
          disabled={view.isAssumed}
          ariaLabel={t.minimum}
          valueFormatter={(value) => `${value} %`}
          onChange={({ detail }) => onChange({ ...view, minimum: detail.value })}
        />
      </FormField>
    </div>
  );
}
