/** A page of pictures with predicted labels, all ticked: untick what is wrong, confirm the rest. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import * as queries from "../api/queries.ts";
import { listReviewed, type PictureState, type ReviewReport, saveAnswers } from "../api/reviews.ts";
import { labelColours } from "../pictures/label-colours.ts";
import { useChangeSearch, useSearch } from "../shell/address.ts";
import { ErrorAlert, notifyError } from "../shell/error-details.tsx";
import { notify } from "../shell/notices.ts";
import { Empty } from "../shell/page.tsx";
import { useFormat, useWords } from "../words/language.ts";
import { LabelTile } from "./label-tile.tsx";
import { keepVerdicts, readVerdicts } from "./kept-verdicts.ts";
import { answerOf, firstVerdict, labelled, ticked, unlabelled, type Verdict } from "./verdicts.ts";

const PAGE = 24;
const SHOWN: Readonly<Record<string, readonly PictureState[]>> = {
  open: ["pending"],
  answered: ["confirmed", "corrected", "rejected"],
  skipped: ["skipped"],
};
export const ANY = "*";

export function LabelGrid({ report }: { readonly report: ReviewReport }): ReactNode {
  const { review: t } = useWords();
  const format = useFormat();
  const client = useQueryClient();
  const search = useSearch();
  const changeSearch = useChangeSearch();
  const { review, waiting } = report;
  const show = SHOWN[search.get("show") ?? "open"] === undefined ? "open" : (search.get("show") ?? "open");
  const label = search.get("label") ?? ANY;
  const labels = useLabelNames(review.project, review.labels);
  const colours = useMemo(() => labelColours(labels.map((name) => ({ name, color: null }))), [labels]);
  const [changed, setChanged] = useVerdicts(review.id);
  const isPredicting = review.state === "predicting";
  const [isFilling, setFilling] = useState(isPredicting);
  const pageKey = ["reviews", review.id, "images", show, label, isFilling];
  const page = useQuery({
    queryKey: pageKey,
    queryFn: () => listReviewed(review.id, { state: SHOWN[show] ?? [], label: label === ANY ? null : label, limit: PAGE }),
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    placeholderData: keepPreviousData,
    // Pictures come in while the model predicts; those on the page stay once one of them is answered.
    refetchInterval: ({ state: { data } }) => (isFilling && !isAnswered(data?.images) ? 1_000 : false),
  });
  function isAnswered(shown: readonly { readonly source_ref: string }[] = []): boolean {
    return shown.some(({ source_ref: key }) => changed.has(key));
  }
  const images = page.data?.images ?? [];
  if (isFilling !== isPredicting && !isAnswered(images)) setFilling(isPredicting);
  const [several, setSeveral] = useState<boolean | null>(null);
  const hasSeveral = several ?? images.some(({ predicted_labels: found }) => found.length > 1);
  const verdicts = new Map(images.map((picture) => [picture.source_ref, changed.get(picture.source_ref) ?? firstVerdict(picture)]));
  const change = (key: string, by: (now: Verdict) => Verdict): void => {
    const now = verdicts.get(key);
    if (now === undefined) return;
    // What is read just now would take the page away.
    if (isFilling && !isAnswered(images)) void client.cancelQueries({ queryKey: pageKey });
    setChanged(new Map(changed).set(key, by(now)));
  };
  const save = useMutation({
    mutationFn: () => saveAnswers(review.id, [...verdicts].map(([key, verdict]) => answerOf(key, verdict))),
    onSuccess: async ({ saved, rejected }) => {
      notify({ type: "success", id: "answers", content: t.saved(saved.length) });
      const codes: Readonly<Record<string, string | undefined>> = t.refused;
      for (const code of new Set(rejected.map((one) => one.code))) {
        notify({ type: "error", id: `refused-${code}`, header: t.notSaved, content: codes[code] ?? code });
      }
      // What was changed under another filter waits for its own page.
      const done = new Set(saved.map(({ source_ref: key }) => key));
      setChanged(new Map([...changed].filter(([key]) => !done.has(key))));
      await client.invalidateQueries({ queryKey: ["reviews"] });
      document.querySelector<HTMLElement>(".review-tile [role=checkbox]")?.focus();
    },
    onError: (error) => notifyError(error, t.notSaved),
  });
  const options = [
    { value: ANY, label: t.anyLabel },
    ...Object.entries(waiting)
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([name, count]) => ({ value: name, label: t.group(name === "" ? t.noLabel : name, format.number(count)) })),
  ];
  const shows = (["open", "answered", "skipped"] as const).map((value) => ({ value, label: t.showStates[value] }));
  const confirm = (): void => {
    if (images.length > 0 && !save.isPending) save.mutate();
  };
  return (
    <SpaceBetween size="m">
      <div className="review-filters">
        <FormField label={t.show}>
          <Select
            options={shows}
            selectedOption={shows.find(({ value }) => value === show) ?? null}
            onChange={({ detail }) => changeSearch({ show: detail.selectedOption.value === "open" ? null : (detail.selectedOption.value ?? null) })}
          />
        </FormField>
        <FormField label={t.predicted}>
          <Select
            options={options}
            selectedOption={options.find(({ value }) => value === label) ?? { value: label, label: label === "" ? t.noLabel : label }}
            onChange={({ detail }) => {
              const { value = ANY } = detail.selectedOption;
              changeSearch({ label: value === ANY ? null : [value] });
            }}
            data-testid="review-label"
          />
        </FormField>
        <Toggle checked={hasSeveral} onChange={({ detail }) => setSeveral(detail.checked)}>
          {t.several}
        </Toggle>
        <span className="review-confirm">
          <Button variant="primary" loading={save.isPending} disabled={images.length === 0} onClick={confirm} data-testid="confirm-page">
            {t.confirmPage(images.length)}
          </Button>
        </span>
      </div>
      <ErrorAlert error={page.error} retry={() => void page.refetch()} />
      {images.length === 0 ? (
        page.isPending || review.state === "predicting" ? null : (
          <Empty
            title={t.none}
            detail={show === "open" && label === ANY ? t.noneDetail : undefined}
            action={<Button onClick={() => changeSearch({ tab: "result" })}>{t.toResult}</Button>}
          />
        )
      ) : (
        <>
          <Box color="text-body-secondary">
            {t.gridLead} {t.keys}
          </Box>
          <Tiles onConfirm={confirm} keys={images.map(({ source_ref: key }) => key)} labels={labels} several={hasSeveral} change={change}>
            {(focused) =>
              images.map((picture, index) => (
                <LabelTile
                  key={picture.source_ref}
                  picture={picture}
                  verdict={verdicts.get(picture.source_ref) ?? firstVerdict(picture)}
                  labels={labels}
                  colours={colours}
                  isFocusable={index === focused}
                  onTick={() => change(picture.source_ref, ticked)}
                  onLabel={(name) => change(picture.source_ref, (now) => labelled(now, name, hasSeveral))}
                  onTake={(name) => change(picture.source_ref, (now) => unlabelled(now, name))}
                />
              ))
            }
          </Tiles>
        </>
      )}
      {review.counts.unreadable > 0 && images.length === 0 ? (
        <Alert type="info">{`${t.counts.unreadable}: ${format.number(review.counts.unreadable)}`}</Alert>
      ) : null}
    </SpaceBetween>
  );
}

/** What was changed and is not saved: kept in this tab, through a look at the result or a reload. */
function useVerdicts(review: string): readonly [ReadonlyMap<string, Verdict>, (changed: ReadonlyMap<string, Verdict>) => void] {
  const [changed, setChanged] = useState(() => readVerdicts(review));
  useEffect(() => {
    if (changed.size === 0) return undefined;
    const stay = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener("beforeunload", stay);
    return () => removeEventListener("beforeunload", stay);
  }, [changed]);
  const change = (next: ReadonlyMap<string, Verdict>): void => {
    keepVerdicts(review, next);
    setChanged(next);
  };
  return [changed, change];
}

/** The labels that can be given: those of the model, then those that the dataset has besides. */
export function useLabelNames(project: string, ofModel: readonly string[]): readonly string[] {
  const { data } = useQuery({ ...queries.labels(project, "train"), retry: false });
  return useMemo(() => [...new Set([...ofModel, ...(data ?? []).map(({ name }) => name)])], [ofModel, data]);
}

const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

/** The grid as one stop of Tab; keys work on the picture that has the focus. */
function Tiles(props: {
  readonly keys: readonly string[];
  readonly labels: readonly string[];
  readonly several: boolean;
  readonly change: (key: string, by: (now: Verdict) => Verdict) => void;
  readonly onConfirm: () => void;
  readonly children: (focused: number) => ReactNode;
}): ReactNode {
  const { review: t } = useWords();
  const list = useRef<HTMLUListElement>(null);
  const [held, setFocused] = useState(0);
  const focused = Math.min(held, props.keys.length - 1);
  const boxes = (): readonly HTMLElement[] => [...(list.current?.querySelectorAll<HTMLElement>("[role=checkbox]") ?? [])];
  const columns = (): number => {
    const [first] = boxes();
    const top = first?.getBoundingClientRect().top;
    return Math.max(1, boxes().filter((box) => box.getBoundingClientRect().top === top).length);
  };
  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = boxes().indexOf(event.target as HTMLElement);
    const key = props.keys[at];
    if (key === undefined) return;
    const step = STEPS[event.key] ?? (event.key === "ArrowUp" ? -columns() : event.key === "ArrowDown" ? columns() : 0);
    const label = props.labels[Number(event.key) - 1];
    if (step !== 0) {
      const next = Math.min(props.keys.length - 1, Math.max(0, at + step));
      setFocused(next);
      boxes()[next]?.focus();
    } else if (/^[1-9]$/.test(event.key) && label !== undefined) {
      props.change(key, (now) => labelled(now, label, props.several));
    } else if (event.key === "Enter") props.onConfirm();
    else if (event.key === "x" || event.key === "X") props.change(key, (now) => ({ ...now, verdict: "rejected" }));
    else if (event.key === "s" || event.key === "S") props.change(key, (now) => ({ ...now, verdict: "skipped" }));
    else return;
    event.preventDefault();
  };
  return (
    // The keys belong to the checkboxes inside.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <ul
      className="review-grid"
      aria-label={t.tabs.review}
      ref={list}
      onKeyDown={press}
      onFocus={(event) => {
        const at = boxes().indexOf(event.target);
        if (at >= 0) setFocused(at);
      }}
    >
      {props.children(focused)}
    </ul>
  );
}
