import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import type { ReactNode } from "react";
import { useWords } from "../words/language.ts";

const UNITS = [1, 2, 3, 4, 5];
const NONE = "0";

export interface Units {
  readonly minimum: number;
  /** Null: the model does not grow. */
  readonly maximum: number | null;
}

/** The number of inference units, and up to how many a model may grow. */
export function UnitFields(props: {
  readonly units: Units;
  readonly onChange: (units: Units) => void;
  readonly disabled: boolean;
}): ReactNode {
  const { serving: t } = useWords();
  const { units, onChange, disabled } = props;
  const option = (n: number) => ({ value: String(n), label: t.unitOption(n) });
  const larger = UNITS.filter((n) => n > units.minimum);
  const none = { value: NONE, label: t.noMaximum };
  return (
    <ColumnLayout columns={2}>
      <FormField label={t.units} description={disabled ? t.locked : t.unitsHint}>
        <Select
          disabled={disabled}
          options={UNITS.map(option)}
          selectedOption={option(units.minimum)}
          onChange={({ detail }) => {
            const minimum = Number(detail.selectedOption.value);
            const { maximum } = units;
            onChange({ minimum, maximum: maximum !== null && maximum > minimum ? maximum : null });
          }}
          data-testid="units"
        />
      </FormField>
      <FormField label={t.maximum} description={t.maximumHint}>
        <Select
          disabled={disabled || larger.length === 0}
          options={[none, ...larger.map(option)]}
          selectedOption={units.maximum === null ? none : option(units.maximum)}
          onChange={({ detail }) => {
            const most = Number(detail.selectedOption.value);
            onChange({ ...units, maximum: most === 0 ? null : most });
          }}
        />
      </FormField>
    </ColumnLayout>
  );
}
