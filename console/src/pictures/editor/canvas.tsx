/** A picture with boxes to be drawn, moved and resized: SVG over an image. */
import { memo, type ReactNode, type Ref, useImperativeHandle, useLayoutEffect, useRef, useState } from "react";
import { type Box, drawingOrder, type Handle, HANDLES, type Point, type Size } from "../boxes.ts";
import { paletteColour, textOn } from "../label-colours.ts";
import { isSuggested, type SuggestedBox } from "../labels.ts";
import "../pictures.css";
import { type GestureEvents, Gestures, type Tool } from "./gestures.ts";
import { DRAWING, outline, Stage } from "./stage.ts";

export interface CanvasControl {
  readonly stage: Stage;
  readonly focus: () => void;
  readonly hasFocus: () => boolean;
  readonly cancel: () => boolean;
  readonly holdSpace: (isDown: boolean) => void;
  /** Where the pointer was last, in the picture. */
  readonly point: () => Point | null;
}

export interface CanvasProps extends GestureEvents {
  readonly src: string | undefined;
  readonly name: string;
  readonly picture: Size;
  readonly boxes: readonly (Box | SuggestedBox)[];
  readonly count: number;
  readonly colours: ReadonlyMap<string, string>;
  readonly selected: ReadonlySet<string>;
  /** The box under the pointer, here or in a list beside the canvas. */
  readonly highlighted: string | null;
  readonly tool: Tool;
  /** The label that a new box gets. */
  readonly label: string | null;
  readonly grabbed: Handle | null;
  readonly isHidden: boolean;
  readonly hasNames: boolean;
  readonly hasGuides: boolean;
  readonly brightness: number;
  readonly contrast: number;
  readonly ariaLabel: string;
  readonly onZoom: (scale: number) => void;
  readonly control: Ref<CanvasControl>;
}

const Shape = memo(function Shape(props: {
  readonly box: Box | SuggestedBox;
  readonly colour: string;
  readonly isSelected: boolean;
}): ReactNode {
  const { box, colour } = props;
  const path = outline(box);
  return (
    <g
      className="box-shape"
      data-id={box.id}
      data-selected={props.isSelected || undefined}
      data-dashed={isSuggested(box) || undefined}
    >
      <path className="box-halo" d={path} stroke={textOn(colour)} />
      <path className="box-line" d={path} stroke={colour} fill={colour} />
    </g>
  );
});

const Tag = memo(function Tag(props: {
  readonly of: string;
  readonly text: string;
  readonly colour: string;
  readonly isAlways: boolean;
  readonly hasSize: boolean;
}): ReactNode {
  return (
    <div
      className="canvas-tag"
      data-of={props.of}
      data-always={props.isAlways || undefined}
      style={{ backgroundColor: props.colour, color: textOn(props.colour) }}
    >
      {props.text}
      {props.hasSize ? <span className="canvas-size" /> : null}
    </div>
  );
});

export function Canvas(props: CanvasProps): ReactNode {
  const root = useRef<HTMLDivElement>(null);
  const picture = useRef<HTMLImageElement>(null);
  const world = useRef<SVGGElement>(null);
  const drawing = useRef<SVGGElement>(null);
  const band = useRef<SVGPathElement>(null);
  const handles = useRef<SVGGElement>(null);
  const guides = useRef<SVGGElement>(null);
  const tags = useRef<HTMLDivElement>(null);
  const gestures = useRef<Gestures | null>(null);
  const [stage] = useState(() => new Stage());

  useLayoutEffect(() => {
    const elements = {
      root: root.current,
      picture: picture.current,
      world: world.current,
      drawing: drawing.current,
      band: band.current,
      handles: handles.current,
      guides: guides.current,
      tags: tags.current,
    };
    const { root: frame } = elements;
    if (frame === null) return undefined;
    const detach = stage.attach(elements as Parameters<Stage["attach"]>[0]);
    gestures.current = new Gestures(stage, frame);
    const unlisten = gestures.current.listen();
    return () => {
      unlisten();
      detach();
    };
  }, [stage]);

  useLayoutEffect(() => {
    stage.listenToZoom(props.onZoom);
    gestures.current?.update({ ...props, hasLabel: props.label !== null });
    stage.update({ picture: props.picture, boxes: props.boxes, selected: props.selected });
    stage.showHovered(props.highlighted);
  });

  useImperativeHandle(
    props.control,
    () => ({
      stage,
      focus: () => root.current?.focus({ preventScroll: true }),
      hasFocus: () => document.activeElement === root.current,
      cancel: () => gestures.current?.cancel() ?? false,
      holdSpace: (isDown) => gestures.current?.holdSpace(isDown),
      point: () => gestures.current?.point ?? null,
    }),
    [stage],
  );

  const { boxes, brightness, colours, contrast, selected } = props;
  const colourOf = (label: string | null | undefined): string =>
    colours.get(label ?? "") ?? paletteColour(0);
  const drawn = colourOf(props.label);
  const filter =
    brightness === 100 && contrast === 100 ? "" : `brightness(${brightness}%) contrast(${contrast}%)`;
  const handleColour = colourOf(boxes.find((box) => selected.has(box.id))?.label);
  return (
    <div
      ref={root}
      className="canvas"
      role="application"
      aria-label={props.ariaLabel}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      data-testid="canvas"
      data-hidden={props.isHidden || undefined}
    >
      <img
        ref={picture}
        className="canvas-picture"
        src={props.src}
        alt={props.name}
        width={props.picture.width}
        height={props.picture.height}
        draggable={false}
        style={{ filter }}
      />
      <svg className="canvas-boxes" aria-hidden="true" focusable="false">
        <g ref={world}>
          {drawingOrder(boxes).map((box) => (
            <Shape key={box.id} box={box} colour={colourOf(box.label)} isSelected={selected.has(box.id)} />
          ))}
          <g className="box-drawing" ref={drawing}>
            <path className="box-halo" stroke={textOn(drawn)} />
            <path className="box-line" stroke={drawn} fill={drawn} />
          </g>
          <path className="box-band" ref={band} />
        </g>
        <g className="canvas-handles" ref={handles}>
          {HANDLES.map((handle) => (
            <rect
              key={handle}
              className="canvas-handle"
              width="9"
              height="9"
              rx="2"
              stroke={handleColour}
              data-grabbed={handle === props.grabbed || undefined}
            />
          ))}
        </g>
        <g ref={guides}>
          <path className="canvas-guide" />
          <path className="canvas-guide" />
        </g>
      </svg>
      <div ref={tags} aria-hidden="true">
        {boxes.map((box) => (
          <Tag
            key={box.id}
            of={box.id}
            text={isSuggested(box) ? `${box.label} ${Math.round(box.confidence)} %` : box.label}
            colour={colourOf(box.label)}
            isAlways={props.hasNames || selected.has(box.id)}
            hasSize={selected.has(box.id)}
          />
        ))}
        <Tag of={DRAWING} text={props.label ?? ""} colour={drawn} isAlways hasSize />
      </div>
    </div>
  );
}
