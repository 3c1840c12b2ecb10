import Link from "@cloudscape-design/components/link";
import { type ReactNode, useState } from "react";
import { pictureUrl } from "../api/lensmith.ts";
import type { EvaluatedImage, EvaluatedResult, FractionBox } from "../api/versions.ts";
import { BoxLayer, type ShownBox } from "../pictures/box-layer.tsx";
import { paths } from "../shell/paths.ts";
import { nameOf, parseS3Uri } from "../shell/s3-uri.ts";
import { useFormat, useWords } from "../words/language.ts";

export type Shown = "both" | "truth" | "prediction";

type Size = { readonly width: number; readonly height: number };

const scaled = (box: FractionBox, { width, height }: Size) => ({
  left: box.left * width,
  top: box.top * height,
  width: box.width * width,
  height: box.height * height,
});

/** Predictions that were shown, dashed, and the ground truth, drawn through. */
function boxesOf(image: EvaluatedImage, shown: Shown, size: Size): readonly ShownBox[] {
  const truth = image.truth.flatMap(({ label, box }) => (box === null ? [] : [{ label, ...scaled(box, size) }]));
  const said = image.results.flatMap(({ label, box, outcome, confidence }) =>
    box !== null && (outcome === "true-positive" || outcome === "false-positive")
      ? [{ label, confidence: 100 * confidence, ...scaled(box, size) }]
      : [],
  );
  return [...(shown === "prediction" ? [] : truth), ...(shown === "truth" ? [] : said)];
}

/** A test picture with its results; a chip says how each came out. */
export function ResultCard(props: {
  readonly project: string;
  readonly image: EvaluatedImage;
  readonly colours: ReadonlyMap<string, string>;
  readonly shown: Shown;
  /** The address of the results, to come back to from labelling. */
  readonly back: string;
  /** Whether it is the picture that was come back to. */
  readonly isAimed: boolean;
}): ReactNode {
  const { evaluation: t } = useWords();
  const { project, image, colours, shown, isAimed } = props;
  const [natural, setNatural] = useState<Size | null>(null);
  const [hasFailed, setFailed] = useState(false);
  const name = nameOf(image.source_ref);
  const place = parseS3Uri(image.source_ref);
  const results = image.results.filter(({ outcome }) => outcome !== "true-negative");
  const truth = [...new Set(image.truth.map(({ label }) => label))];
  return (
    <li
      className="result-card"
      data-testid="result"
      data-aimed={isAimed || undefined}
      ref={(card) => {
        if (isAimed) card?.scrollIntoView({ block: "center" });
      }}
    >
      <div className="result-picture">
        {place === null || hasFailed ? (
          <span className="result-missing">{t.missing}</span>
        ) : (
          <img
            src={pictureUrl(place, 640)}
            alt={`${name}: ${truth.join(", ")}`}
            loading="lazy"
            decoding="async"
            onLoad={({ currentTarget: { naturalWidth: width, naturalHeight: height } }) => setNatural({ width, height })}
            onError={() => setFailed(true)}
          />
        )}
        {natural === null || hasFailed ? null : (
          <BoxLayer picture={natural} boxes={boxesOf(image, shown, natural)} colours={colours} fit="contain" />
        )}
      </div>
      <div className="result-body">
        <div className="result-name">
          <strong title={image.source_ref}>{name}</strong>
          <Link
            href={`${paths.label(project, "test")}?${new URLSearchParams({ image: image.source_ref, name, back: props.back })}`}
            ariaLabel={t.fixOf(name)}
          >
            {t.fix}
          </Link>
        </div>
        <div className="result-truth">
          {t.truthIs}: {truth.length === 0 ? t.none : truth.join(", ")}
        </div>
        {results.length === 0 ? <div className="result-truth">{t.noResults}</div> : <Results results={results} />}
      </div>
    </li>
  );
}

function Results({ results }: { readonly results: readonly EvaluatedResult[] }): ReactNode {
  const { evaluation: t } = useWords();
  const format = useFormat();
  return (
    <table className="result-table">
      <thead>
        <tr>
          <th scope="col">{t.labels}</th>
          <th scope="col">{t.outcome}</th>
          <th scope="col">{t.confidence}</th>
        </tr>
      </thead>
      <tbody>
        {results.map((result, at) => (
          // oxlint-disable-next-line react/no-array-index-key -- results have no name of their own
          <tr key={at} data-outcome={result.outcome}>
            <td>{result.label}</td>
            <td>
              <span className={`outcome ${result.outcome}`}>{t.outcomes[result.outcome]}</span>
            </td>
            <td>{format.decimals(100 * result.confidence, 1)} %</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
