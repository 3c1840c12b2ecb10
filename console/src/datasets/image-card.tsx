/** One picture of the gallery, in few nodes: thumbnail with boxes, name, labels, errors. */
import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import Popover from "@cloudscape-design/components/popover";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type CSSProperties, type ReactNode, useState } from "react";
import { type DatasetImage, pictureUrl } from "../api/lensmith.ts";
import { BoxImage } from "../pictures/box-layer.tsx";
import { useFormat, useWords } from "../words/language.ts";
import { chipsInSight, chipsOf } from "./chips.ts";
import { swatch } from "./swatch.ts";

const THUMBNAIL = 320;
function Problems({ codes }: { readonly codes: readonly string[] }): ReactNode {
  const { gallery: t } = useWords();
  const fixes: Readonly<Record<string, string | undefined>> = t.fixes;
  return (
    <Popover
      header={t.problems(codes.length)}
      size="large"
      triggerType="custom"
      dismissAriaLabel={t.closeProblems}
      content={
        <SpaceBetween size="s">
          {codes.map((code) => (
            <div key={code}>
              <code className="code">{code}</code>
              <Box>{fixes[code] ?? t.otherFix}</Box>
            </div>
          ))}
        </SpaceBetween>
      }
    >
      <Link variant="primary" color="normal" data-testid="image-error">
        <span className="image-card-error">{t.error}</span>
      </Link>
    </Popover>
  );
}

export function ImageCard(props: {
  readonly image: DatasetImage;
  readonly colours: ReadonlyMap<string, string>;
  /** Where a click on the picture leads. */
  readonly href: string;
  /** Its place in the grid. */
  readonly style: CSSProperties;
}): ReactNode {
  const { gallery: t } = useWords();
  const format = useFormat();
  const [hasFailed, setFailed] = useState(false);
  const { image, colours } = props;
  const { width, height } = image;
  const chips = chipsOf(image);
  const inSight = chipsInSight(chips);
  const hasBoxes = image.boxes.length > 0;
  const fit = hasBoxes ? "contain" : "cover";
  const name = (
    <a className="image-card-name" href={props.href} title={image.source_ref}>
      {image.name}
    </a>
  );
  return (
    <li className="image-card" style={props.style} data-testid="image-card" aria-label={image.name}>
      <a className="image-card-picture" href={props.href} tabIndex={-1} aria-hidden="true">
        {hasFailed ? (
          <span className="image-card-missing">{t.noPicture}</span>
        ) : (
          <img
            src={pictureUrl(image, THUMBNAIL, image.revision)}
            alt=""
            loading="lazy"
            decoding="async"
            className={`is-${fit}`}
            onError={() => setFailed(true)}
          />
        )}
        {hasBoxes && width !== null && height !== null && !hasFailed ? (
          <BoxImage picture={{ width, height }} boxes={image.boxes} colours={colours} fit={fit} />
        ) : null}
      </a>
      {image.errors.length === 0 ? (
        name
      ) : (
        <div className="image-card-text">
          {name}
          <Problems codes={image.errors} />
        </div>
      )}
      <div className="image-card-chips">
        {chips.slice(0, inSight).map(({ label, boxes }) => (
          <span
            key={label}
            className="chip swatched"
            title={label}
            style={swatch(colours.get(label))}
            data-count={boxes > 1 ? format.number(boxes) : undefined}
          >
            {label}
          </span>
        ))}
        {chips.length > inSight ? (
          <span className="chip is-more" title={chips.map(({ label }) => label).join(", ")}>
            +{format.number(chips.length - inSight)}
          </span>
        ) : null}
        {chips.length === 0 ? (
          image.nothing_here ? (
            <Badge>{t.nothingHere}</Badge>
          ) : (
            <span className="image-card-none">{t.unlabeled}</span>
          )
        ) : null}
      </div>
    </li>
  );
}
