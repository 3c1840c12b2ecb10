/** Tags of a resource: reading them, and what saving a change needs. */
import { queryOptions } from "@tanstack/react-query";
import { call } from "../api/http.ts";
import type { Tag } from "../shell/tag-editor.tsx";

export const tagsOf = (arn: string) =>
  queryOptions({
    queryKey: ["tags", arn],
    queryFn: async (): Promise<readonly Tag[]> => {
      const { Tags = {} } = await call("ListTagsForResource", { ResourceArn: arn });
      return Object.entries(Tags)
        .map(([key, value]) => ({ key, value }))
        .toSorted((a, b) => (a.key < b.key ? -1 : 1));
    },
  });

export interface TagChange {
  readonly put: Readonly<Record<string, string>>;
  readonly removed: readonly string[];
}

/** Keys to write, because they are new or have another value, and keys to remove. */
export function tagChange(before: readonly Tag[], after: readonly Tag[]): TagChange {
  const old = new Map(before.map(({ key, value }) => [key, value]));
  const kept = after.filter(({ key }) => key !== "");
  const keys = new Set(kept.map(({ key }) => key));
  return {
    put: Object.fromEntries(kept.filter(({ key, value }) => old.get(key) !== value).map(({ key, value }) => [key, value])),
    removed: [...old.keys()].filter((key) => !keys.has(key)),
  };
}

export async function saveTags(arn: string, { put, removed }: TagChange): Promise<void> {
  if (removed.length > 0) await call("UntagResource", { ResourceArn: arn, TagKeys: removed });
  if (Object.keys(put).length > 0) await call("TagResource", { ResourceArn: arn, Tags: put });
}
