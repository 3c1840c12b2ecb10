/** Boxes over a picture that is only looked at: thumbnails, test results, tried pictures. */
import type { LabelledBox } from "../api/lensmith.ts";
import type { Rect, Size } from "./boxes.ts";
import { paletteColour, textOn } from "./label-colours.ts";
import "./pictures.css";

export interface ShownBox extends Rect {
  readonly label: string;
  /** In percent; such a box is a model's and is drawn dashed. */
  readonly confidence?: number;
}

export interface BoxLayerProps {
  /** The size of the picture as shown, in its own pixels. */
  readonly picture: Size;
  readonly boxes: readonly (LabelledBox | ShownBox)[];
  readonly colours: ReadonlyMap<string, string>;
  /** How the picture below fills its frame (object-fit). */
  readonly fit?: "contain" | "cover";
  readonly className?: string;
}

const outline = ({ left, top, width, height }: Rect): string =>
  `M${left} ${top}h${width}v${height}h${-width}z`;

/**
 * Draw boxes with one path a colour, however many boxes there are. Lies over its parent, which
 * must be positioned; says nothing to a screen reader, so name the labels beside it.
 */
export function BoxLayer({ picture, boxes, colours, fit = "contain", className }: BoxLayerProps) {
  const groups = new Map<string, { colour: string; dashed: boolean; path: string }>();
  for (const box of boxes) {
    const colour = colours.get(box.label) ?? paletteColour(0);
    const dashed = "confidence" in box;
    const key = `${colour}${dashed}`;
    const path = `${groups.get(key)?.path ?? ""}${outline(box)}`;
    groups.set(key, { colour, dashed, path });
  }
  return (
    <svg
      className={`box-layer ${className ?? ""}`}
      viewBox={`0 0 ${picture.width} ${picture.height}`}
      preserveAspectRatio={fit === "cover" ? "xMidYMid slice" : "xMidYMid meet"}
      aria-hidden="true"
      focusable="false"
    >
      {[...groups].map(([key, { colour, dashed, path }]) => (
        <g key={key} data-dashed={dashed || undefined}>
          <path className="box-halo" d={path} stroke={textOn(colour)} />
          <path className="box-line" d={path} stroke={colour} />
        </g>
      ))}
    </svg>
  );
}
