/** Reviews of what models predict, and the pictures that models keep for them. */
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import HelpPanel from "@cloudscape-design/components/help-panel";
import Link from "@cloudscape-design/components/link";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { removeReview, type Review } from "../api/reviews.ts";
import { ConfirmDialog } from "../shell/confirm-dialog.tsx";
import { ErrorAlert } from "../shell/error-details.tsx";
import { Empty, Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { WideTable } from "../shell/wide-table.tsx";
import { useFormat, useWords } from "../words/language.ts";
import { CapturePanel } from "./capture-panel.tsx";
import * as reading from "./queries.ts";
import { answered, sourceText, toAnswer } from "./review-facts.ts";

export function FeedbackPage(): ReactNode {
  const { review: t, shell } = useWords();
  const format = useFormat();
  const client = useQueryClient();
  const [selected, setSelected] = useState<Review | null>(null);
  const [isRemoving, setRemoving] = useState(false);
  const list = useQuery(reading.reviews());
  const rows = list.data ?? [];
  const chosen = rows.find(({ id }) => id === selected?.id);
  const remove = useMutation({
    mutationFn: (id: string) => removeReview(id),
    onSuccess: async () => {
      setRemoving(false);
      setSelected(null);
      await client.invalidateQueries({ queryKey: ["reviews"] });
    },
  });
  return (
    <Page
      title={t.title}
      description={t.lead}
      help={
        <HelpPanel header={<h2>{t.title}</h2>}>
          <p>{t.help}</p>
        </HelpPanel>
      }
    >
      <SpaceBetween size="l">
        <ErrorAlert error={list.error} retry={() => void list.refetch()} />
        <WideTable>
          <Table<Review>
            items={rows}
            wrapLines
            trackBy="id"
            loading={list.isPending && list.error === null}
            loadingText={shell.loading}
            selectionType="single"
            selectedItems={chosen === undefined ? [] : [chosen]}
            onSelectionChange={({ detail }) => setSelected(detail.selectedItems[0] ?? null)}
            ariaLabels={{
              tableLabel: t.reviews,
              selectionGroupLabel: t.reviews,
              itemSelectionLabel: (_, row) => t.by(row.project, row.version),
            }}
            header={
              <Header
                variant="h2"
                counter={list.data === undefined ? "" : `(${format.number(rows.length)})`}
                actions={
                  <SpaceBetween direction="horizontal" size="xs">
                    <Button iconName="refresh" ariaLabel={shell.refresh} onClick={() => void list.refetch()} />
                    <Button disabled={chosen === undefined} onClick={() => setRemoving(true)} data-testid="delete-review">
                      {t.remove}
                    </Button>
                    <Button variant="primary" href={paths.startReview()} data-testid="start-review">
                      {t.start}
                    </Button>
                  </SpaceBetween>
                }
              >
                {t.reviews}
              </Header>
            }
            columnDefinitions={[
              {
                id: "model",
                header: t.columns.model,
                isRowHeader: true,
                minWidth: 190,
                cell: (row) => (
                  <Link href={paths.review(row.id)} ariaLabel={t.open(t.by(row.project, row.version))}>
                    {t.by(row.project, row.version)}
                  </Link>
                ),
              },
              { id: "source", header: t.columns.source, minWidth: 150, cell: (row) => sourceText(t, row.source) },
              { id: "state", header: t.columns.state, minWidth: 150, cell: (row) => <ReviewStatus review={row} /> },
              { id: "progress", header: t.columns.progress, minWidth: 150, cell: (row) => <Reviewed review={row} /> },
              { id: "started", header: t.columns.started, minWidth: 190, cell: (row) => format.date(row.created_at) },
            ]}
            empty={<Empty title={t.empty} detail={t.emptyDetail} action={<Button href={paths.startReview()}>{t.start}</Button>} />}
          />
        </WideTable>
        <CapturePanel />
      </SpaceBetween>
      {isRemoving && chosen !== undefined ? (
        <ConfirmDialog
          title={t.removeTitle}
          confirm={t.remove}
          busy={remove.isPending}
          error={remove.error}
          onClose={() => setRemoving(false)}
          onConfirm={() => remove.mutate(chosen.id)}
        >
          {t.removeDetail}
        </ConfirmDialog>
      ) : null}
    </Page>
  );
}

export function ReviewStatus({ review }: { readonly review: Review }): ReactNode {
  const { review: t } = useWords();
  if (review.state === "predicting") {
    return (
      <StatusIndicator type="loading" colorOverride="blue">
        {t.states.predicting}
      </StatusIndicator>
    );
  }
  if (review.state === "failed") return <StatusIndicator type="error">{t.states.failed}</StatusIndicator>;
  if (review.state === "cancelled") return <StatusIndicator type="stopped">{t.states.cancelled}</StatusIndicator>;
  return review.counts.pending === 0 ? (
    <StatusIndicator type="success">{t.states.done}</StatusIndicator>
  ) : (
    <StatusIndicator type="pending">{t.states.open}</StatusIndicator>
  );
}

function Reviewed({ review }: { readonly review: Review }): ReactNode {
  const { review: t } = useWords();
  const format = useFormat();
  const [done, total] = [answered(review), toAnswer(review)];
  return (
    <ProgressBar
      value={total === 0 ? 0 : (100 * done) / total}
      ariaLabel={t.columns.progress}
      description={t.ofTotal(format.number(done), format.number(total))}
    />
  );
}
