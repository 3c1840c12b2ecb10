/** Zoom and pan of a picture in a frame: where its top left corner is, and its scale. */
import type { Point, Rect, Size } from "./boxes.ts";

export interface Viewport {
  /** Screen pixels for a pixel of the picture. */
  readonly scale: number;
  /** The picture's top left corner in the frame, in screen pixels. */
  readonly x: number;
  readonly y: number;
}

export const MAX_SCALE = 32;
const MARGIN = 12;
/** How much of the picture must stay in the frame, in screen pixels. */
const KEPT = 48;

export function fit(picture: Size, frame: Size): Viewport {
  return zoomTo({ left: 0, top: 0, ...picture }, picture, frame, MARGIN, MAX_SCALE);
}

/** Show a box with room around it. */
export function zoomToBox(box: Rect, picture: Size, frame: Size): Viewport {
  return zoomTo(box, picture, frame, Math.min(frame.width, frame.height) / 5, 12);
}

function zoomTo(rect: Rect, picture: Size, frame: Size, margin: number, most: number): Viewport {
  const scale = Math.min(
    Math.max(1, frame.width - 2 * margin) / rect.width,
    Math.max(1, frame.height - 2 * margin) / rect.height,
    most,
  );
  return kept(
    {
      scale,
      x: frame.width / 2 - (rect.left + rect.width / 2) * scale,
      y: frame.height / 2 - (rect.top + rect.height / 2) * scale,
    },
    picture,
    frame,
  );
}

/** Zoom by a factor; the pixel under `at` (in the frame) stays where it is. */
export function zoomed(
  view: Viewport,
  factor: number,
  at: Point,
  picture: Size,
  frame: Size,
): Viewport {
  const least = Math.min(fit(picture, frame).scale, 1) / 2;
  const scale = Math.min(Math.max(view.scale * factor, least), MAX_SCALE);
  const by = scale / view.scale;
  return kept(
    { scale, x: at.x - (at.x - view.x) * by, y: at.y - (at.y - view.y) * by },
    picture,
    frame,
  );
}

export function panned(
  view: Viewport,
  dx: number,
  dy: number,
  picture: Size,
  frame: Size,
): Viewport {
  return kept({ ...view, x: view.x + dx, y: view.y + dy }, picture, frame);
}

const limit = (at: number, length: number, room: number): number =>
  Math.min(Math.max(at, KEPT - length), room - KEPT);

/** Keep a strip of the picture in the frame, so that it cannot get lost. */
export function kept(view: Viewport, picture: Size, frame: Size): Viewport {
  return {
    scale: view.scale,
    x: limit(view.x, picture.width * view.scale, frame.width),
    y: limit(view.y, picture.height * view.scale, frame.height),
  };
}

export const toPicture = (view: Viewport, at: Point): Point => ({
  x: (at.x - view.x) / view.scale,
  y: (at.y - view.y) / view.scale,
});

export const toFrame = (view: Viewport, at: Point): Point => ({
  x: at.x * view.scale + view.x,
  y: at.y * view.scale + view.y,
});

/** The part of the picture that is seen. */
export function seen(view: Viewport, picture: Size, frame: Size): Rect {
  const a = toPicture(view, { x: 0, y: 0 });
  const b = toPicture(view, { x: frame.width, y: frame.height });
  const [left, top] = [Math.max(0, a.x), Math.max(0, a.y)];
  return {
    left,
    top,
    width: Math.max(1, Math.min(picture.width, b.x) - left),
    height: Math.max(1, Math.min(picture.height, b.y) - top),
  };
}
