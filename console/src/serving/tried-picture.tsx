import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import Slider from "@cloudscape-design/components/slider";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { type ReactNode, useState } from "react";
import type { CustomLabel } from "../api/rekognition.ts";
import { BoxLayer, type ShownBox } from "../pictures/box-layer.tsx";
import { textOn } from "../pictures/label-colours.ts";
import { Empty } from "../shell/page.tsx";
import { useFormat, useWords } from "../words/language.ts";
import type { Tried } from "./tried.ts";
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

/** What a model found in a picture; the threshold filters what is there already. */
export function TriedPicture(props: {
  readonly tried: Tried;
  readonly colours: ReadonlyMap<string, string>;
  /** The assumed thresholds in percent. */
  readonly thresholds: ReadonlyMap<string, number>;
}): ReactNode {
  const { serving } = useWords();
  const t = serving.try;
  const format = useFormat();
  const { tried, colours, thresholds } = props;
  const [isAssumed, setAssumed] = useState(thresholds.size > 0);
  const [minimum, setMinimum] = useState(50);
  const [natural, setNatural] = useState<Size | null>(null);
  const [hovered, setHovered] = useState<CustomLabel | null>(null);
  const passes = ({ Name = "", Confidence = 0 }: CustomLabel): boolean =>
    Confidence >= (isAssumed ? (thresholds.get(Name) ?? 0) : minimum);
  const labels = tried.labels.filter(passes).toSorted((a, b) => (b.Confidence ?? 0) - (a.Confidence ?? 0));
  const drawn = hovered !== null && labels.includes(hovered) ? [hovered] : labels;
  return (
    <div className="tried">
      <div className="tried-frame">
        <img
          src={tried.url}
          alt={tried.name}
          onLoad={({ currentTarget: { naturalWidth: width, naturalHeight: height } }) => setNatural({ width, height })}
        />
        {natural === null ? null : (
          <BoxLayer picture={natural} boxes={drawn.flatMap((label) => boxOf(label, natural))} colours={colours} />
        )}
      </div>
      <SpaceBetween size="m">
        <Toggle
          checked={isAssumed}
          disabled={thresholds.size === 0}
          onChange={({ detail }) => setAssumed(detail.checked)}
          data-testid="try-assumed"
        >
          {t.assumed}
        </Toggle>
        <FormField label={t.minimum}>
          <Slider
            value={minimum}
            min={0}
            max={100}
            disabled={isAssumed}
            ariaLabel={t.minimum}
            valueFormatter={(value) => `${value} %`}
            onChange={({ detail }) => setMinimum(detail.value)}
          />
        </FormField>
        <Box color="text-body-secondary">{t.shown(format.number(labels.length), format.number(tried.labels.length))}</Box>
        {labels.length === 0 ? (
          <Empty title={t.nothing} detail={t.nothingDetail} />
        ) : (
          <table className="tried-labels" data-testid="tried-labels">
            <thead>
              <tr>
                <th scope="col">{t.label}</th>
                <th scope="col">{t.confidence}</th>
              </tr>
            </thead>
            <tbody>
              {labels.map((label, at) => {
                const colour = colours.get(label.Name ?? "") ?? "#0072b2";
                return (
                  <tr
                    // oxlint-disable-next-line react/no-array-index-key -- results have no name of their own
                    key={at}
                    onMouseEnter={() => setHovered(label)}
                    onMouseLeave={() => setHovered(null)}
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
        )}
      </SpaceBetween>
    </div>
  );
}
