/** One review: its progress, the pictures to verify, what they came to. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import Tabs from "@cloudscape-design/components/tabs";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { cancelTask } from "../api/lensmith.ts";
import { type PictureState, type Review, type ReviewReport, resumeReview } from "../api/reviews.ts";
import { useChangeSearch, useParam, useSearch } from "../shell/address.ts";
import { ErrorAlert, notifyError } from "../shell/error-details.tsx";
import { Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { useFormat, useWords } from "../words/language.ts";
import { BoxPictures } from "./box-pictures.tsx";
import { ReviewStatus } from "./feedback-page.tsx";
import { LabelGrid } from "./label-grid.tsx";
import * as reading from "./queries.ts";
import { ResultPanel } from "./result-panel.tsx";
import "./review.css";

const TABS = ["review", "result"] as const;
const STATES = ["pending", "confirmed", "corrected", "rejected", "skipped", "unreadable"] as const satisfies readonly PictureState[];

export interface BoxEditorProps {
  readonly review: Review;
  /** The picture to begin with. */
  readonly first: string;
  readonly onShow: (key: string) => void;
  readonly onDone: () => void;
}

/** `editor` is the box editor of labelling mode, which another feature owns. */
export function ReviewPage({ editor }: { readonly editor: (props: BoxEditorProps) => ReactNode }): ReactNode {
  const { review: t } = useWords();
  const id = useParam("review");
  const search = useSearch();
  const changeSearch = useChangeSearch();
  const { data, error, refetch } = useQuery(reading.review(id));
  const crumbs = [{ text: t.title, href: paths.feedback }];
  const image = search.get("image");
  if (data === undefined) {
    return (
      <Page title={t.title} crumbs={[]}>
        {error === null ? (
          <Box textAlign="center" padding="xxl">
            <Spinner size="large" />
          </Box>
        ) : (
          <ErrorAlert error={error} retry={() => void refetch()} />
        )}
      </Page>
    );
  }
  const { review } = data;
  if (image !== null && review.task === "detection") {
    const Editor = editor;
    return (
      <Page title={t.crumb(review.version)} crumbs={crumbs} bare focused>
        <Editor
          review={review}
          first={image}
          onShow={(key) => changeSearch({ image: key }, { replace: true })}
          onDone={() => changeSearch({ image: null })}
        />
      </Page>
    );
  }
  return (
    <Page
      title={t.crumb(review.version)}
      crumbs={crumbs}
      description={<ReviewStatus review={review} />}
      actions={<Button href={paths.model(review.project, review.version)}>{t.by(review.project, review.version)}</Button>}
    >
      <Content report={data} />
    </Page>
  );
}

function Content({ report }: { readonly report: ReviewReport }): ReactNode {
  const { review: t } = useWords();
  const search = useSearch();
  const changeSearch = useChangeSearch();
  const { review } = report;
  const tab = TABS.find((each) => each === search.get("tab")) ?? "review";
  const contents: Record<(typeof TABS)[number], () => ReactNode> = {
    review: () => (review.task === "detection" ? <BoxPictures review={review} /> : <LabelGrid key={review.id} report={report} />),
    result: () => <ResultPanel report={report} />,
  };
  return (
    <SpaceBetween size="l">
      <Predicting review={review} />
      <Counts review={review} />
      <Tabs
        activeTabId={tab}
        onChange={({ detail }) => changeSearch({ tab: detail.activeTabId === "review" ? null : detail.activeTabId })}
        tabs={TABS.map((each) => ({ id: each, label: t.tabs[each], content: each === tab ? contents[each]() : null }))}
      />
    </SpaceBetween>
  );
}

function Counts({ review }: { readonly review: Review }): ReactNode {
  const { review: t } = useWords();
  const format = useFormat();
  const shown = STATES.filter((state) => state !== "unreadable" || review.counts.unreadable > 0);
  return (
    <dl className="review-counts">
      {shown.map((state) => (
        <div key={state}>
          <dt>{t.counts[state]}</dt>
          <dd data-testid={`count-${state}`}>{format.number(review.counts[state])}</dd>
        </div>
      ))}
    </dl>
  );
}

function Predicting({ review }: { readonly review: Review }): ReactNode {
  const { review: t } = useWords();
  const format = useFormat();
  const client = useQueryClient();
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: ["reviews"] });
  const cancel = useMutation({
    mutationFn: () => cancelTask(review.job ?? ""),
    onSettled: refresh,
    onError: (error) => notifyError(error, t.cancel),
  });
  const resume = useMutation({
    mutationFn: () => resumeReview(review.id),
    onSettled: refresh,
    onError: (error) => notifyError(error, t.resume),
  });
  const phases: Readonly<Record<string, string | undefined>> = t.phases;
  const errors: Readonly<Record<string, string | undefined>> = t.errors;
  const again = (
    <Button loading={resume.isPending} onClick={() => resume.mutate()} data-testid="resume-review">
      {t.resume}
    </Button>
  );
  if (review.state === "cancelled") {
    return (
      <Alert type="info" header={t.stopped} action={again}>
        {t.stoppedDetail}
      </Alert>
    );
  }
  if (review.state === "failed") {
    return (
      <Alert type="error" header={t.failedTitle} action={again}>
        {errors[review.error?.code ?? ""] ?? review.error?.message}
        <div className="code">{review.error?.code}</div>
      </Alert>
    );
  }
  if (review.state !== "predicting") return null;
  return (
    <div className="review-progress">
      <ProgressBar
        value={review.total === null || review.total === 0 ? 0 : (100 * review.done) / review.total}
        label={t.predicting}
        description={phases[review.phase] ?? ""}
        additionalInfo={review.total === null ? "" : t.ofTotal(format.number(review.done), format.number(review.total))}
      />
      <Button loading={cancel.isPending} onClick={() => cancel.mutate()} data-testid="cancel-review">
        {t.cancel}
      </Button>
    </div>
  );
}
