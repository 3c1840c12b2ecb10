/** Runs a model over unlabelled pictures and lays what it finds beside them, to be reviewed. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { cancelTask, listImages, type Suggestion, type Suggestions, suggestLabels, type Task } from "../api/lensmith.ts";
import * as queries from "../api/queries.ts";
import { fitted } from "../pictures/boxes.ts";
import type { Drafts } from "../pictures/drafts.ts";
import { boxId, type Suggested } from "../pictures/labels.ts";
import type { Labelling } from "./labelling.ts";

export interface Wanted {
  /** Null: the newest that has finished training. */
  readonly version: string | null;
  /** Null: all unlabelled pictures of the dataset. */
  readonly keys: readonly string[] | null;
  readonly limit: number;
  readonly minConfidence: number | null;
}

export interface Suggesting {
  readonly task: Task<Suggestions> | undefined;
  readonly isRunning: boolean;
  /** Pictures with suggestions that are not reviewed, the most uncertain first. */
  readonly queue: readonly string[];
  readonly start: (wanted: Wanted) => Promise<void>;
  readonly cancel: () => void;
}

const PAGE = 500;

export function useSuggestions({ project, kind, session, drafts }: Labelling): Suggesting {
  const [id, setId] = useState<string | null>(null);
  const taken = useRef(0);
  const [seen] = useState(() => new Set<string>());
  const { data: task } = useQuery({ ...queries.task<Suggestions>(id ?? ""), enabled: id !== null });
  const result = task?.result;
  useEffect(() => {
    const found = result?.suggestions ?? [];
    // The server may order them anew as they grow; what was reviewed does not come back.
    if (found.length <= taken.current || result === null || result === undefined) return;
    taken.current = found.length;
    void lay(found, result.version);
    async function lay(suggestions: readonly Suggestion[], version: string): Promise<void> {
      await loadMissing(suggestions);
      for (const { source_ref: key, width, height } of suggestions) {
        if (width === undefined || height === undefined) continue;
        session.dispatch({ type: "measured", key, size: { width, height } });
      }
      const known = session.drafts().byKey;
      const fresh = suggestions.filter(({ source_ref }) => !seen.has(source_ref));
      const laid = new Map<string, Suggested>();
      for (const one of fresh) {
        const image = known.get(one.source_ref)?.image;
        const suggested = image === undefined ? null : suggestedOf(one, version, image);
        seen.add(one.source_ref);
        if (suggested !== null) laid.set(one.source_ref, suggested);
      }
      session.dispatch({ type: "suggested", suggestions: laid });
    }
    async function loadMissing(suggestions: readonly Suggestion[]): Promise<void> {
      const missing = (): boolean =>
        suggestions.some(({ source_ref }) => !session.drafts().byKey.has(source_ref));
      for (let offset = 0; missing(); offset += PAGE) {
        let total = 0;
        const filter = { labeled: false, limit: PAGE, offset };
        await session.load(async () => {
          const page = await listImages(project, kind, filter);
          total = page.total;
          return page.images;
        });
        if (offset + PAGE >= total) return;
      }
    }
  }, [result, seen, session, project, kind]);
  const queue = useMemo(() => queueOf(drafts), [drafts]);
  return {
    task,
    isRunning: id !== null && (task === undefined || task.state === "running"),
    queue,
    start: async ({ version, keys, limit, minConfidence }) => {
      const started = await suggestLabels(project, kind, {
        version,
        source_refs: keys,
        limit,
        min_confidence: minConfidence,
      });
      taken.current = 0;
      seen.clear();
      setId(started.task);
    },
    cancel: () => {
      if (id !== null) cancelTask(id).catch(() => undefined);
    },
  };
}

/** The pictures to review, the most uncertain first. */
export function queueOf(drafts: Drafts): readonly string[] {
  return [...drafts.byKey]
    .flatMap(([key, { labels }]) =>
      labels.suggested === null ? [] : [{ key, uncertainty: labels.suggested.uncertainty }],
    )
    .toSorted((a, b) => b.uncertainty - a.uncertainty)
    .map(({ key }) => key);
}

/** A model's predictions for a picture; null where it found nothing. */
export function suggestedOf(
  one: Suggestion,
  version: string,
  image: { readonly width: number | null; readonly height: number | null },
): Suggested | null {
  const { width, height } = image;
  const boxes = one.boxes.flatMap((box) => {
    const rect = width === null || height === null ? box : fitted(box, { width, height });
    return rect === null ? [] : [{ ...box, ...rect, id: boxId() }];
  });
  if (boxes.length === 0 && one.image_labels.length === 0) return null;
  return { version, uncertainty: one.uncertainty, labels: one.image_labels, boxes };
}
