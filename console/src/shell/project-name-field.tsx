import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { type ReactNode, type Ref, useState } from "react";
import type { InputProps } from "@cloudscape-design/components/input";
import { ApiError, hasCode } from "../api/errors.ts";
import { useWords, type Words } from "../words/language.ts";
import { type NameProblem, nameProblem } from "./project-name.ts";

const TAKEN = ["ResourceInUseException", "ResourceAlreadyExistsException"];
const OF_THE_NAME = [...TAKEN, "InvalidParameterException", "ValidationException"];

/** Whether an error of CreateProject is one that the field of the name shows. */
export const isAboutName = (error: unknown): boolean => hasCode(error, ...OF_THE_NAME);

function problemText(problem: NameProblem, t: Words["projects"]["form"]): string {
  if (problem.kind === "empty") return t.empty;
  if (problem.kind === "too-long") return t.tooLong(problem.length);
  return t.characters(problem.characters.map((one) => (one === " " ? t.space : one)).join(" "));
}

/** The name of a new project: checked when it is left, and what the server says of it. */
export function ProjectNameField(props: {
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** What CreateProject answered, and the name it was for. */
  readonly error: unknown;
  readonly errorName: string | undefined;
  /** Submitting checks too, though the field was not left. */
  readonly isChecked: boolean;
  readonly inputRef?: Ref<InputProps.Ref>;
}): ReactNode {
  const { projects } = useWords();
  const t = projects.form;
  const [left, setLeft] = useState(false);
  const problem = nameProblem(props.value);
  let text = "";
  if ((left || props.isChecked) && problem !== null) text = problemText(problem, t);
  else if (props.errorName === props.value && isAboutName(props.error)) {
    if (hasCode(props.error, ...TAKEN)) text = t.inUse(props.value);
    else text = props.error instanceof ApiError ? props.error.message : "";
  }
  return (
    <FormField label={t.name} constraintText={t.hint} errorText={text}>
      <Input
        ref={props.inputRef ?? null}
        value={props.value}
        name="project-name"
        autoComplete={false}
        spellcheck={false}
        onBlur={() => setLeft(props.value !== "")}
        onChange={({ detail }) => {
          setLeft(false);
          props.onChange(detail.value);
        }}
      />
    </FormField>
  );
}
