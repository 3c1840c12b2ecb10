/** Boxes in whole pixels of the picture as shown: limits, moving, resizing, hit tests. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Rect extends Size {
  readonly left: number;
  readonly top: number;
}

/** A labelled box; `id` is the editor's own and never leaves it. */
export interface Box extends Rect {
  readonly id: string;
  readonly label: string;
}

export const HANDLES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"] as const;
export type Handle = (typeof HANDLES)[number];
/** The corners in the order in which the key grabs them. */
export const CORNERS = ["nw", "ne", "se", "sw"] as const satisfies readonly Handle[];

export const MAX_BOXES = 50;
/** Longer pictures are scaled down to this side when they are trained on. */
export const TRAINING_SIDE = 1280;

export type Refusal = "too-many" | "too-small";

/** The shortest side of a box that training keeps: more than 1 px after the training resize. */
export function minSide(picture: Size): number {
  return Math.floor(Math.max(1, Math.max(picture.width, picture.height) / TRAINING_SIDE)) + 1;
}

export function isLargeEnough(rect: Size, picture: Size): boolean {
  const side = minSide(picture);
  return rect.width >= side && rect.height >= side;
}

/** Say why a box cannot be added to a picture, or null if it can. */
export function refusal(count: number, rect: Size, picture: Size): Refusal | null {
  if (!isLargeEnough(rect, picture)) return "too-small";
  return count >= MAX_BOXES ? "too-many" : null;
}

const clamp = (value: number, low: number, high: number): number =>
  Math.min(Math.max(value, low), Math.max(low, high));

const within = (value: number, high: number): number => clamp(Math.round(value), 0, high);

/** Span a box between two points, rounded to pixels and clamped to the picture. */
export function rectBetween(a: Point, b: Point, picture: Size): Rect {
  const [x1, x2] = [within(a.x, picture.width), within(b.x, picture.width)];
  const [y1, y2] = [within(a.y, picture.height), within(b.y, picture.height)];
  return {
    left: Math.min(x1, x2),
    top: Math.min(y1, y2),
    width: Math.abs(x2 - x1),
    height: Math.abs(y2 - y1),
  };
}

/** Move a box by whole pixels; it stops at the edges and keeps its size. */
export function moved(rect: Rect, dx: number, dy: number, picture: Size): Rect {
  return {
    left: within(rect.left + dx, picture.width - rect.width),
    top: within(rect.top + dy, picture.height - rect.height),
    width: rect.width,
    height: rect.height,
  };
}

/** Move several boxes together; the first to meet an edge stops all of them. */
export function movedTogether<B extends Rect>(
  boxes: readonly B[],
  dx: number,
  dy: number,
  picture: Size,
): readonly B[] {
  const left = Math.min(...boxes.map((box) => box.left));
  const top = Math.min(...boxes.map((box) => box.top));
  const right = Math.max(...boxes.map((box) => box.left + box.width));
  const bottom = Math.max(...boxes.map((box) => box.top + box.height));
  const x = clamp(Math.round(dx), -left, picture.width - right);
  const y = clamp(Math.round(dy), -top, picture.height - bottom);
  return boxes.map((box) => ({ ...box, left: box.left + x, top: box.top + y }));
}

/** Drag one of the eight handles; the opposite side stays, and the box stays large enough. */
export function resized(rect: Rect, handle: Handle, dx: number, dy: number, picture: Size): Rect {
  const side = minSide(picture);
  let [left, top] = [rect.left, rect.top];
  let [right, bottom] = [rect.left + rect.width, rect.top + rect.height];
  if (handle.includes("w")) left = clamp(Math.round(left + dx), 0, right - side);
  if (handle.includes("e")) right = clamp(Math.round(right + dx), left + side, picture.width);
  if (handle.includes("n")) top = clamp(Math.round(top + dy), 0, bottom - side);
  if (handle.includes("s")) bottom = clamp(Math.round(bottom + dy), top + side, picture.height);
  return { left, top, width: right - left, height: bottom - top };
}

/** Fit a box of another picture into this one; null if too little of it is left. */
export function fitted(rect: Rect, picture: Size): Rect | null {
  const inside = rectBetween(
    { x: rect.left, y: rect.top },
    { x: rect.left + rect.width, y: rect.top + rect.height },
    picture,
  );
  return isLargeEnough(inside, picture) ? inside : null;
}

/** Place a new box of a quarter of what is seen in the middle of it. */
export function centred(seen: Rect, picture: Size): Rect {
  const side = Math.max(minSide(picture), Math.round(Math.min(seen.width, seen.height) / 4));
  const x = seen.left + (seen.width - side) / 2;
  const y = seen.top + (seen.height - side) / 2;
  return rectBetween({ x, y }, { x: x + side, y: y + side }, picture);
}

export function handlePoint(rect: Rect, handle: Handle): Point {
  const x = handle.includes("w") ? 0 : handle.includes("e") ? 1 : 0.5;
  const y = handle.includes("n") ? 0 : handle.includes("s") ? 1 : 0.5;
  return { x: rect.left + rect.width * x, y: rect.top + rect.height * y };
}

/** Find the handle within `reach` of a point; corners win over the middles of sides. */
export function handleAt(rect: Rect, point: Point, reach: number): Handle | null {
  let nearest: Handle | null = null;
  let distance = reach;
  for (const handle of [...CORNERS, "n", "e", "s", "w"] as const) {
    const at = handlePoint(rect, handle);
    const away = Math.max(Math.abs(at.x - point.x), Math.abs(at.y - point.y));
    if (away < distance || (away === distance && nearest === null)) [nearest, distance] = [handle, away];
  }
  return nearest;
}

export function contains(rect: Rect, point: Point, reach = 0): boolean {
  return (
    point.x >= rect.left - reach &&
    point.x <= rect.left + rect.width + reach &&
    point.y >= rect.top - reach &&
    point.y <= rect.top + rect.height + reach
  );
}

export const area = (rect: Size): number => rect.width * rect.height;

/** The boxes at a point, smallest first, so that a box inside another can be clicked. */
export function boxesAt<B extends Rect>(boxes: readonly B[], point: Point, reach = 0): readonly B[] {
  return boxes
    .map((box, index) => ({ box, index }))
    .filter(({ box }) => contains(box, point, reach))
    .toSorted((a, b) => area(a.box) - area(b.box) || b.index - a.index)
    .map(({ box }) => box);
}

/** The boxes that a rubber band touches. */
export function boxesTouching<B extends Rect>(boxes: readonly B[], band: Rect): readonly B[] {
  return boxes.filter(
    (box) =>
      box.left <= band.left + band.width &&
      box.left + box.width >= band.left &&
      box.top <= band.top + band.height &&
      box.top + box.height >= band.top,
  );
}

/**
 * Order boxes for Tab: those stacked at `point` first, from the smallest to the one that covers
 * all, then the rest as they are read, by rows from the top.
 */
export function tabOrder<B extends Box>(boxes: readonly B[], point: Point | null): readonly B[] {
  const stacked = point === null ? [] : boxesAt(boxes, point);
  const rest = boxes.filter((box) => !stacked.includes(box));
  const reading = rest.toSorted((a, b) => a.top - b.top || a.left - b.left || area(a) - area(b));
  return [...stacked, ...reading];
}

/** The box after (or, with -1, before) `current`; null past either end, where focus moves on. */
export function tabbedTo<B extends Box>(
  order: readonly B[],
  current: string | null,
  step: 1 | -1,
): B | null {
  const at = order.findIndex((box) => box.id === current);
  if (at === -1) return (step === 1 ? order[0] : order.at(-1)) ?? null;
  return order[at + step] ?? null;
}

/** Draw large boxes first, so that the small ones lie on top of them. */
export function drawingOrder<B extends Rect>(boxes: readonly B[]): readonly B[] {
  return boxes.toSorted((a, b) => area(b) - area(a));
}
