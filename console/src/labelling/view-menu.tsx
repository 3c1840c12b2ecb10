/** How the picture is shown: boxes, names, guide lines, brightness and contrast. */
import Popover from "@cloudscape-design/components/popover";
import Slider from "@cloudscape-design/components/slider";
import FormField from "@cloudscape-design/components/form-field";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";
import { useWords } from "../words/language.ts";
import { Icon, Tool } from "./icons.tsx";
import { usePreferences } from "./preferences.ts";
import type { Editor } from "./use-editor.ts";

export interface Light {
  readonly brightness: number;
  readonly contrast: number;
}

export const PLAIN: Light = { brightness: 100, contrast: 100 };

export function ViewMenu(props: {
  readonly editor: Editor;
  readonly light: Light;
  readonly onLight: (light: Light) => void;
}): ReactNode {
  const { labelling: t } = useWords();
  const preferences = usePreferences();
  const { editor, light, onLight } = props;
  return (
    <>
      <Tool
        icon={editor.isHidden ? "hidden" : "hide"}
        label={t.commands.hide}
        hotkey="H"
        isPressed={editor.isHidden}
        onPress={() => editor.run("hide")}
      />
      <Tool icon="names" label={t.commands.names} hotkey="T" isPressed={preferences.hasNames} onPress={() => editor.run("names")} />
      <Tool icon="guides" label={t.commands.guides} hotkey="K" isPressed={preferences.hasGuides} onPress={() => editor.run("guides")} />
      <Popover
        triggerType="custom"
        dismissButton={false}
        position="bottom"
        size="medium"
        header={t.light}
        content={
          <SpaceBetween size="s">
            {(["brightness", "contrast"] as const).map((name) => (
              <FormField key={name} label={t[name]}>
                <Slider
                  min={30}
                  max={250}
                  step={5}
                  value={light[name]}
                  valueFormatter={(value) => `${value} %`}
                  onChange={({ detail }) => onLight({ ...light, [name]: detail.value })}
                />
              </FormField>
            ))}
            <Button onClick={() => onLight(PLAIN)}>{t.resetLight}</Button>
          </SpaceBetween>
        }
      >
        <button type="button" className="lab-tool" aria-label={t.light} title={t.light} data-changed={light !== PLAIN || undefined}>
          <Icon name="light" />
        </button>
      </Popover>
    </>
  );
}
