import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Input from "@cloudscape-design/components/input";
import type { ReactNode } from "react";
import { useWords } from "../words/language.ts";

export interface Tag {
  readonly key: string;
  readonly value: string;
}

const MAX_TAGS = 200;

/** Tags as the API takes them; those without a key are left out. */
export const tagMap = (tags: readonly Tag[]): Readonly<Record<string, string>> =>
  Object.fromEntries(tags.filter(({ key }) => key !== "").map(({ key, value }) => [key, value]));

/** Keys that stand there twice. */
export const repeatedKeys = (tags: readonly Tag[]): ReadonlySet<string> =>
  new Set(tags.map(({ key }) => key).filter((key, at, keys) => key !== "" && keys.indexOf(key) !== at));

export function TagEditor(props: {
  readonly tags: readonly Tag[];
  readonly onChange: (tags: readonly Tag[]) => void;
}): ReactNode {
  const t = useWords().projects.form;
  const { tags, onChange } = props;
  const change = (index: number, part: Partial<Tag>): void =>
    onChange(tags.map((tag, at) => (at === index ? { ...tag, ...part } : tag)));
  return (
    <AttributeEditor<Tag>
      items={tags}
      empty={t.noTags}
      addButtonText={t.addTag}
      removeButtonText={t.removeTag}
      disableAddButton={tags.length >= MAX_TAGS}
      onAddButtonClick={() => onChange([...tags, { key: "", value: "" }])}
      onRemoveButtonClick={({ detail }) => onChange(tags.filter((_, index) => index !== detail.itemIndex))}
      definition={[
        {
          label: t.key,
          control: (tag, index) => (
            <Input value={tag.key} onChange={({ detail }) => change(index, { key: detail.value })} />
          ),
        },
        {
          label: t.value,
          control: (tag, index) => (
            <Input value={tag.value} onChange={({ detail }) => change(index, { value: detail.value })} />
          ),
        },
      ]}
    />
  );
}
