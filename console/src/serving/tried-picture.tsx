import Box from "@cloudscape-design/components/box";
import { type ReactNode, useState } from "react";
import type { CustomLabel } from "../api/rekognition.ts";
import { BoxLayer, type ShownBox } from "../pictures/box-layer.tsx";
import { textOn } from "../pictures/label-colours.ts";
import { Empty } from "../shell/page.tsx";
import { useFormat, useWords } from "../words/language.ts";
import { type Answer, shownLabels, type Tried, type View } from "./tried.ts";
import "./serving.css";

type Size = { readonly width: number; readonly height: number };

function boxOf({ Name = "", Confidence = 0, Geometry }: CustomLabel, { width, height }: Size): readonly ShownBox[] {
  const box = Geometry?.BoundingBox;
  if (box === undefined) return [];
  const { Left = 0, Top = 0, Width = 0, Height = 0 } = box;
  return [
    {
      label: Name,
      confidence: Confidence,
      left: Left * width,
      top: Top * height,
      width: Width * width,
      height: Height * height,
    },
  ];
}

/** A picture with boxes over it. */
export function BoxedPicture(props: {
  readonly url: string;
  readonly name: string;
  readonly labels: readonly CustomLabel[];
  readonly colours: ReadonlyMap<string, string>;
}): ReactNode {
  const { url, name, labels, colours } = props;
  const [natural, setNatural] = useState<Size | null>(null);
  return (
    <div className="tried-frame">
      <img
        src={url}
        alt={name}
        onLoad={({ currentTarget: { naturalWidth: width, naturalHeight: height } }) => setNatural({ width, height })}
      />
      {natural === null ? null : (
        <BoxLayer picture={natural} boxes={labels.flatMap((label) => boxOf(label, natural))} colours={colours} />
      )}
    </div>
  );
}

/** What models found in a picture; the view filters what is there already. */
export function TriedPicture(props: {
  readonly tried: Tried;
  readonly colours: ReadonlyMap<string, string>;
  /** By the model's ARN, in percent. */
  readonly thresholds: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly view: View;
}): ReactNode {
  const { tried, colours, thresholds, view } = props;
  const isCompared = tried.answers.length > 1;
  return (
    <div className={isCompared ? "tried-pair" : undefined}>
      {tried.answers.map((answer) => (
        <Answered
          key={answer.arn}
          {...{ tried, answer, colours, view, isCompared }}
          thresholds={thresholds.get(answer.arn) ?? new Map<string, number>()}
        />
      ))}
    </div>
  );
}

function Answered(props: {
  readonly tried: Tried;
  readonly answer: Answer;
  readonly colours: ReadonlyMap<string, string>;
  readonly thresholds: ReadonlyMap<string, number>;
  readonly view: View;
  readonly isCompared: boolean;
}): ReactNode {
  const { serving } = useWords();
  const t = serving.try;
  const format = useFormat();
  const { tried, answer, colours, isCompared } = props;
  const [hovered, setHovered] = useState<CustomLabel | null>(null);
  const labels = shownLabels(answer.labels, props.view, props.thresholds);
  const drawn = hovered !== null && labels.includes(hovered) ? [hovered] : labels;
  return (
    <section className={isCompared ? "tried-side" : "tried"} aria-label={answer.model} data-testid="answer">
      {isCompared ? <Box variant="h3">{answer.model}</Box> : null}
      <BoxedPicture url={tried.url} name={tried.name} labels={drawn} colours={colours} />
      <div>
        <Box color="text-body-secondary">
          {t.latency(format.number(Math.round(answer.milliseconds)))}
          {" · "}
          {t.shown(format.number(labels.length), format.number(answer.labels.length))}
        </Box>
        {labels.length === 0 ? (
          <Empty title={t.nothing} detail={t.nothingDetail} />
        ) : (
          <LabelList labels={labels} colours={colours} onHover={setHovered} />
        )}
      </div>
    </section>
  );
}

function LabelList(props: {
  readonly labels: readonly CustomLabel[];
  readonly colours: ReadonlyMap<string, string>;
  readonly onHover: (label: CustomLabel | null) => void;
}): ReactNode {
  const { serving } = useWords();
  const t = serving.try;
  const format = useFormat();
  return (
    <table className="tried-labels" data-testid="tried-labels">
      <thead>
        <tr>
          <th scope="col">{t.label}</th>
          <th scope="col">{t.confidence}</th>
        </tr>
      </thead>
      <tbody>
        {props.labels.map((label, at) => {
          const colour = props.colours.get(label.Name ?? "") ?? "#0072b2";
          return (
            <tr
              // oxlint-disable-next-line react/no-array-index-key -- results have no name of their own
              key={at}
              onMouseEnter={() => props.onHover(label)}
              onMouseLeave={() => props.onHover(null)}
            >
              <td>
                <span className="tried-label" style={{ background: colour, color: textOn(colour) }}>
                  {label.Name}
                </span>
              </td>
              <td>{format.decimals(label.Confidence ?? 0, 1)} %</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
