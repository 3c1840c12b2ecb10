/** Upload dropped files into a folder of a bucket, a few at a time. */
import { useQueryClient } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { putObject } from "../api/lensmith.ts";
import { notifyError } from "../shell/error-details.tsx";
import { notify } from "../shell/notices.ts";
import { useWords } from "../words/language.ts";
import type { DroppedFile } from "./dropped-files.ts";

const PARALLEL = 4;
const NAMED = 5;

export interface Uploads {
  readonly progress: { readonly done: number; readonly total: number } | null;
  readonly start: (files: readonly DroppedFile[], bucket: string, prefix: string) => Promise<void>;
  readonly cancel: () => void;
}

export function useUploads(): Uploads {
  const { storage: t } = useWords();
  const client = useQueryClient();
  const abort = useRef<AbortController | null>(null);
  const [progress, setProgress] = useState<Uploads["progress"]>(null);
  const isRunning = progress !== null;
  useBlocker({
    shouldBlockFn: ({ current, next }) =>
      isRunning && current.pathname !== next.pathname && !window.confirm(t.leave),
    enableBeforeUnload: () => isRunning,
  });
  const start: Uploads["start"] = async (files, bucket, prefix) => {
    if (files.length === 0) return;
    const controller = new AbortController();
    abort.current = controller;
    const waiting = [...files];
    const failed: string[] = [];
    let reason: unknown = null;
    let done = 0;
    setProgress({ done, total: files.length });
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        if (controller.signal.aborted) return;
        try {
          await putObject(bucket, prefix + next.path, next.file, { signal: controller.signal });
          done += 1;
          setProgress({ done, total: files.length });
        } catch (error) {
          if (controller.signal.aborted) return;
          failed.push(next.path);
          reason = error;
        }
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
    setProgress(null);
    await client.invalidateQueries({ queryKey: ["objects", bucket] });
    if (failed.length > 0) {
      const names = failed.slice(0, NAMED).join(", ") + (failed.length > NAMED ? ", ..." : "");
      notifyError(reason, t.uploadFailed(names));
    }
    if (done > 0) notify({ type: "success", content: t.uploaded(done) });
  };
  return { progress, start, cancel: () => abort.current?.abort() };
}
