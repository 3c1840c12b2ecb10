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

interface Stroke {
  readonly colour: string;
  readonly isDashed: boolean;
  path: string;
}

/** One path a colour, however many boxes there are, and under them one or two for their edges. */
function strokes({ boxes, colours }: Pick<BoxLayerProps, "boxes" | "colours">): {
  readonly halos: readonly Stroke[];
  readonly lines: readonly Stroke[];
} {
  const [halos, lines] = [new Map<string, Stroke>(), new Map<string, Stroke>()];
  const add = (to: Map<string, Stroke>, colour: string, isDashed: boolean, path: string): void => {
    const known = to.get(`${colour}${isDashed}`);
    if (known === undefined) to.set(`${colour}${isDashed}`, { colour, isDashed, path });
    else known.path += path;
  };
  for (const box of boxes) {
    const colour = colours.get(box.label) ?? paletteColour(0);
    add(halos, textOn(colour), false, outline(box));
    add(lines, colour, "confidence" in box, outline(box));
  }
  return { halos: [...halos.values()], lines: [...lines.values()] };
}

const aspectOf = (fit: BoxLayerProps["fit"]): string => `xMidYMid ${fit === "cover" ? "slice" : "meet"}`;

/**
 * Draw boxes over the parent, which must be positioned. Says nothing to a screen reader, so name
 * the labels beside it.
 */
export function BoxLayer({ picture, boxes, colours, fit = "contain", className }: BoxLayerProps) {
  const { halos, lines } = strokes({ boxes, colours });
  return (
    <svg
      className={`box-layer ${className ?? ""}`}
      viewBox={`0 0 ${picture.width} ${picture.height}`}
      preserveAspectRatio={aspectOf(fit)}
      aria-hidden="true"
      focusable="false"
    >
      {halos.map(({ colour, path }) => (
        <path key={colour} className="box-halo" d={path} stroke={colour} />
      ))}
      {lines.map(({ colour, isDashed, path }) => (
        <path
          key={`${colour}${isDashed}`}
          className="box-line"
          d={path}
          stroke={colour}
          data-dashed={isDashed || undefined}
        />
      ))}
    </svg>
  );
}

const drawn = (path: string, style: string): string => `<path d="${path}" vector-effect="non-scaling-stroke" ${style}/>`;

/** Draw what `BoxLayer` does in one node, as an image: for galleries of many pictures. */
export function BoxImage({ picture, boxes, colours, fit = "contain" }: BoxLayerProps) {
  const { halos, lines } = strokes({ boxes, colours });
  const paths = [
    ...halos.map(({ colour, path }) => drawn(path, `stroke="${colour}" stroke-width="3" stroke-opacity=".55"`)),
    ...lines.map(({ colour, path }) => drawn(path, `stroke="${colour}" stroke-width="1.6"`)),
  ];
  const viewBox = `0 0 ${picture.width} ${picture.height}`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${viewBox}" preserveAspectRatio="${aspectOf(fit)}" fill="none">${paths.join("")}</svg>`;
  return <img className="box-layer" alt="" src={`data:image/svg+xml,${encodeURIComponent(svg)}`} />;
}
