/** Takes tried pictures to a review of what the model said of them. */
import Button from "@cloudscape-design/components/button";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { uploadPictures } from "../api/feedback-uploads.ts";
import { readObject } from "../api/lensmith.ts";
import * as queries from "../api/queries.ts";
import { useGo } from "../shell/address.ts";
import { notifyError } from "../shell/error-details.tsx";
import { paths } from "../shell/paths.ts";
import { nameOf } from "../shell/s3-uri.ts";
import { useWords } from "../words/language.ts";
import type { Source, Tried } from "./tried.ts";

async function fileOf(source: Source): Promise<File> {
  if (source.kind === "file") return source.file;
  return new File([await readObject(source.bucket, source.key)], nameOf(source.key));
}

export function SendToFeedback({ tried }: { readonly tried: readonly Tried[] }): ReactNode {
  const t = useWords().serving.try;
  const go = useGo();
  const sources = tried.flatMap(({ source }) => (source === undefined ? [] : [source]));
  const arn = tried[0]?.answers[0]?.arn ?? "";
  const { mutate, isPending } = useMutation({
    mutationFn: async () => uploadPictures(await Promise.all(sources.map(fileOf)), () => undefined),
    onSuccess: ({ uri }) =>
      go(paths.startReview({ project: queries.projectNameOf(arn), version: queries.versionNameOf(arn), source: "prefix", uri })),
    onError: (error) => notifyError(error, t.toFeedback),
  });
  return (
    <Button loading={isPending} disabled={sources.length === 0} onClick={() => mutate()} data-testid="try-feedback">
      {t.toFeedback}
    </Button>
  );
}
