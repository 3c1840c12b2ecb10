/** The pictures of a review of boxes; one opens in the editor. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Pagination from "@cloudscape-design/components/pagination";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import { pictureUrl } from "../api/lensmith.ts";
import { listReviewed, type PictureState, type Review, type ReviewedPicture } from "../api/reviews.ts";
import { BoxLayer } from "../pictures/box-layer.tsx";
import { labelColours } from "../pictures/label-colours.ts";
import { useChangeSearch, useSearch } from "../shell/address.ts";
import { ErrorAlert } from "../shell/error-details.tsx";
import { Empty } from "../shell/page.tsx";
import { useFormat, useWords } from "../words/language.ts";
import { useLabelNames } from "./label-grid.tsx";

const PAGE = 24;
const SHOWN = {
  open: ["pending"],
  answered: ["confirmed", "corrected", "rejected"],
  skipped: ["skipped"],
  unreadable: ["unreadable"],
} as const satisfies Readonly<Record<string, readonly PictureState[]>>;
const SHOWS = Object.keys(SHOWN) as readonly (keyof typeof SHOWN)[];

export function BoxPictures({ review }: { readonly review: Review }): ReactNode {
  const { review: t } = useWords();
  const format = useFormat();
  const search = useSearch();
  const changeSearch = useChangeSearch();
  const show = SHOWS.find((each) => each === search.get("show")) ?? "open";
  const page = Math.max(1, Math.floor(Number(search.get("page"))) || 1);
  const labels = useLabelNames(review.project, review.labels);
  const colours = useMemo(() => labelColours(labels.map((name) => ({ name, color: null }))), [labels]);
  const { data, error, refetch, isPending } = useQuery({
    queryKey: ["reviews", review.id, "images", show, page],
    queryFn: () => listReviewed(review.id, { state: SHOWN[show], offset: (page - 1) * PAGE, limit: PAGE }),
    refetchInterval: review.state === "predicting" ? 1_000 : false,
  });
  const images = data?.images ?? [];
  const options = SHOWS.map((value) => ({ value, label: t.showStates[value] }));
  const [first] = images;
  return (
    <SpaceBetween size="m">
      <div className="review-filters">
        <FormField label={t.show}>
          <Select
            options={options}
            selectedOption={options.find(({ value }) => value === show) ?? null}
            onChange={({ detail }) =>
              changeSearch({ show: detail.selectedOption.value === "open" ? null : (detail.selectedOption.value ?? null), page: null })
            }
          />
        </FormField>
        <Pagination
          currentPageIndex={page}
          pagesCount={Math.max(1, Math.ceil((data?.total ?? 0) / PAGE))}
          onChange={({ detail }) => changeSearch({ page: String(detail.currentPageIndex) })}
        />
        <span className="review-confirm">
          <Button
            variant="primary"
            disabled={first === undefined || show === "unreadable"}
            onClick={() => changeSearch({ image: first?.source_ref ?? null })}
            data-testid="review-boxes"
          >
            {t.reviewBoxes(format.number(data?.total ?? 0))}
          </Button>
        </span>
      </div>
      <ErrorAlert error={error} retry={() => void refetch()} />
      {images.length === 0 && !isPending && review.state !== "predicting" ? (
        <Empty
          title={t.none}
          detail={show === "open" ? t.noneDetail : undefined}
          action={<Button onClick={() => changeSearch({ tab: "result" })}>{t.toResult}</Button>}
        />
      ) : null}
      {images.length > 0 && show === "open" ? <Box color="text-body-secondary">{t.boxesLead}</Box> : null}
      <ul className="review-grid" aria-label={t.tabs.review}>
        {images.map((picture) => (
          <BoxTile key={picture.source_ref} picture={picture} colours={colours} onOpen={() => changeSearch({ image: picture.source_ref })} />
        ))}
      </ul>
    </SpaceBetween>
  );
}

function BoxTile(props: {
  readonly picture: ReviewedPicture;
  readonly colours: ReadonlyMap<string, string>;
  readonly onOpen: () => void;
}): ReactNode {
  const { review: t } = useWords();
  const { picture } = props;
  const boxes = picture.answer === null ? picture.predicted_boxes : picture.answer.boxes;
  const isUnreadable = picture.state === "unreadable";
  return (
    <li className="review-tile" data-verdict={picture.state} data-testid="review-tile">
      <button
        type="button"
        className="review-picture"
        aria-label={t.openPicture(picture.name, t.counts[picture.state])}
        disabled={isUnreadable}
        onClick={props.onOpen}
      >
        {isUnreadable ? null : <img src={pictureUrl(picture, 320)} alt="" loading="lazy" draggable={false} />}
        {picture.width === 0 ? null : (
          <BoxLayer picture={picture} boxes={boxes.map((box, index) => ({ ...box, id: String(index) }))} colours={props.colours} fit="contain" />
        )}
      </button>
      <div className="review-name" title={picture.source_ref}>
        {picture.name}
      </div>
      <div className="review-tile-foot">
        <span className="review-verdict">{picture.code ?? t.counts[picture.state]}</span>
        <span className="review-chip-number">{boxes.length > 0 ? `× ${boxes.length}` : isUnreadable ? "" : t.noLabel}</span>
      </div>
    </li>
  );
}
