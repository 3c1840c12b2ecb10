/** Mouse, pen and fingers on the canvas: draw, move, resize, select, pan and pinch. */
import {
  type Box,
  boxesAt,
  boxesTouching,
  type Handle,
  handleAt,
  movedTogether,
  type Point,
  type Rect,
  rectBetween,
  refusal,
  type Refusal,
  resized,
} from "../boxes.ts";
import type { Stage } from "./stage.ts";

export type Tool = "select" | "draw";

export interface GestureEvents {
  readonly onSelect: (ids: ReadonlySet<string>) => void;
  readonly onDraw: (rect: Rect) => void;
  readonly onChange: (kind: "move" | "resize", rects: ReadonlyMap<string, Rect>) => void;
  readonly onRefuse: (reason: Refusal | "no-label") => void;
  readonly onHover: (id: string | null) => void;
}

export interface GestureModel extends GestureEvents {
  readonly tool: Tool;
  /** Boxes that count against the limit. */
  readonly count: number;
  readonly hasLabel: boolean;
  readonly isHidden: boolean;
  readonly hasGuides: boolean;
}

interface Press {
  readonly start: Point;
  readonly from: Point;
}

type Gesture =
  | { readonly kind: "pan"; last: Point }
  | { readonly kind: "pinch"; distance: number; middle: Point }
  | (Press & { readonly kind: "draw"; rect: Rect | null })
  | (Press & { readonly kind: "band"; rect: Rect | null; readonly kept: ReadonlySet<string> })
  | (Press & { readonly kind: "resize"; readonly box: Box; readonly handle: Handle; rect: Rect })
  | (Press & {
      readonly kind: "move";
      readonly boxes: readonly Box[];
      readonly clicked: Box;
      readonly isAdding: boolean;
      rects: ReadonlyMap<string, Rect>;
    });

/** How near a handle is taken; less while drawing, where the next box may start beside the last. */
const REACH = { select: 8, draw: 5, coarse: 22 };
/** How far a press must go before it is a drag. */
const SLOP = { fine: 3, coarse: 8 };

const isCoarse = (event: PointerEvent): boolean => event.pointerType === "touch";

export class Gestures {
  /** The last place of the pointer in the picture: boxes stacked there come first for Tab. */
  point: Point | null = null;
  private isSpaceDown = false;
  private model: GestureModel | null = null;
  private gesture: Gesture | null = null;
  private isDragging = false;
  private hovered: string | null = null;
  private readonly pointers = new Map<number, Point>();

  constructor(
    private readonly stage: Stage,
    private readonly root: HTMLElement,
  ) {}

  listen(): () => void {
    const controller = new AbortController();
    const on = <Name extends keyof HTMLElementEventMap>(
      name: Name,
      listener: (event: HTMLElementEventMap[Name]) => void,
    ): void =>
      this.root.addEventListener(name, listener, { signal: controller.signal, passive: false });
    on("pointerdown", (event) => this.down(event));
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => this.up(event));
    on("pointercancel", (event) => this.lost(event));
    on("pointerleave", () => this.leave());
    on("wheel", (event) => this.wheel(event));
    return () => controller.abort();
  }

  update(model: GestureModel): void {
    this.model = model;
    this.cursor();
  }

  holdSpace(isDown: boolean): void {
    this.isSpaceDown = isDown;
    this.cursor();
  }

  /** Give up what is being dragged; whether there was anything. */
  cancel(): boolean {
    const was = this.gesture !== null;
    this.gesture = null;
    this.isDragging = false;
    this.stage.showPreview(new Map());
    this.stage.showDrawing(null);
    this.stage.showBand(null);
    this.cursor();
    return was;
  }

  private at(event: MouseEvent): Point {
    const { left, top } = this.root.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  private down(event: PointerEvent): void {
    if (this.model === null || event.button > 1) return;
    if (event.button === 1) event.preventDefault();
    const start = this.at(event);
    this.root.focus({ preventScroll: true });
    try {
      this.root.setPointerCapture(event.pointerId);
    } catch {
      // A pointer that is gone again, or one made by a test.
    }
    this.pointers.set(event.pointerId, start);
    if (this.pointers.size === 2) {
      this.cancel();
      this.gesture = this.pinch();
    } else if (this.pointers.size === 1) {
      this.isDragging = false;
      this.gesture = this.begin(event, this.model, start);
      this.setHovered(null);
      this.cursor();
    }
  }

  private begin(event: PointerEvent, model: GestureModel, start: Point): Gesture {
    const from = this.stage.toPicture(start);
    this.point = from;
    if (event.button === 1 || this.isSpaceDown) return { kind: "pan", last: start };
    const { boxes, selected } = this.stage.model;
    const only = this.only();
    const reach = this.stage.reach(isCoarse(event) ? REACH.coarse : REACH[model.tool]);
    const handle = only === null || event.altKey ? null : handleAt(only, from, reach);
    if (handle !== null && only !== null) {
      return { kind: "resize", start, from, box: only, handle, rect: only };
    }
    if (model.tool === "draw") return { kind: "draw", start, from, rect: null };
    const isAdding = event.shiftKey || event.ctrlKey || event.metaKey;
    const hits = this.hits(from);
    const [top] = hits;
    if (top === undefined) {
      if (isCoarse(event)) return { kind: "pan", last: start };
      return { kind: "band", start, from, rect: null, kept: isAdding ? selected : new Set() };
    }
    // A selected box is dragged even where a smaller one lies over it.
    const dragged = hits.some((box) => selected.has(box.id))
      ? boxes.filter((box) => selected.has(box.id))
      : [top];
    return { kind: "move", start, from, boxes: dragged, rects: new Map(), clicked: top, isAdding };
  }

  /** The selected box, if it is the only one and can be seen. */
  private only(): Box | null {
    const { boxes, selected } = this.stage.model;
    if (selected.size !== 1 || this.model?.isHidden !== false) return null;
    return boxes.find((box) => selected.has(box.id)) ?? null;
  }

  private hits(at: Point): readonly Box[] {
    if (this.model?.isHidden !== false) return [];
    return boxesAt(this.stage.model.boxes, at, this.stage.reach(2));
  }

  private move(event: PointerEvent): void {
    const { model, gesture } = this;
    if (model === null) return;
    const at = this.at(event);
    if (this.pointers.has(event.pointerId)) this.pointers.set(event.pointerId, at);
    this.point = this.stage.toPicture(at);
    const hasGuides = model.hasGuides && model.tool === "draw" && !isCoarse(event);
    this.stage.showPointer(hasGuides ? at : null);
    if (gesture === null) this.hover(event);
    else if (gesture.kind === "pinch") this.dragPinch(gesture);
    else if (gesture.kind === "pan") {
      this.stage.panBy(at.x - gesture.last.x, at.y - gesture.last.y);
      gesture.last = at;
      this.isDragging = true;
    } else this.drag(event, gesture, at);
  }

  private drag(event: PointerEvent, gesture: Extract<Gesture, Press>, at: Point): void {
    const slop = isCoarse(event) ? SLOP.coarse : SLOP.fine;
    const far = Math.max(Math.abs(at.x - gesture.start.x), Math.abs(at.y - gesture.start.y));
    if (!this.isDragging && far < slop) return;
    this.isDragging = true;
    const { picture } = this.stage.model;
    const to = this.stage.toPicture(at);
    const [dx, dy] = [to.x - gesture.from.x, to.y - gesture.from.y];
    switch (gesture.kind) {
      case "draw":
        gesture.rect = rectBetween(gesture.from, to, picture);
        return this.stage.showDrawing(gesture.rect);
      case "band":
        gesture.rect = rectBetween(gesture.from, to, picture);
        return this.stage.showBand(gesture.rect);
      case "resize":
        gesture.rect = resized(gesture.box, gesture.handle, dx, dy, picture);
        return this.stage.showPreview(new Map([[gesture.box.id, gesture.rect]]));
      case "move":
        gesture.rects = new Map(
          movedTogether(gesture.boxes, dx, dy, picture).map((box) => [box.id, box]),
        );
        return this.stage.showPreview(gesture.rects);
    }
  }

  private up(event: PointerEvent): void {
    this.pointers.delete(event.pointerId);
    const { gesture, model, isDragging } = this;
    if (gesture === null || model === null || this.pointers.size > 0) return;
    // Committed first: the preview is taken back onto what is drawn then.
    if (isDragging) this.commit(gesture, model);
    else this.click(gesture, model);
    this.cancel();
    this.hover(event);
  }

  private click(gesture: Gesture, model: GestureModel): void {
    const { selected } = this.stage.model;
    if (gesture.kind === "move") {
      const { id } = gesture.clicked;
      if (!gesture.isAdding) return model.onSelect(new Set([id]));
      const next = new Set(selected);
      if (!next.delete(id)) next.add(id);
      model.onSelect(next);
    } else if (gesture.kind === "draw") {
      // A click draws nothing: it selects what is there, so that it can be corrected at once.
      const [hit] = this.hits(gesture.from);
      model.onSelect(new Set(hit === undefined ? [] : [hit.id]));
    } else if (gesture.kind === "band" || (gesture.kind === "pan" && !this.isSpaceDown)) {
      if (selected.size > 0) model.onSelect(new Set());
    }
  }

  private commit(gesture: Gesture, model: GestureModel): void {
    const { boxes, picture, selected } = this.stage.model;
    if (gesture.kind === "resize") {
      model.onChange("resize", new Map([[gesture.box.id, gesture.rect]]));
    } else if (gesture.kind === "move") {
      if (gesture.boxes.some((box) => !selected.has(box.id))) {
        model.onSelect(new Set(gesture.boxes.map((box) => box.id)));
      }
      model.onChange("move", gesture.rects);
    } else if (gesture.kind === "band" && gesture.rect !== null) {
      const touched = model.isHidden ? [] : boxesTouching(boxes, gesture.rect);
      model.onSelect(new Set([...gesture.kept, ...touched.map((box) => box.id)]));
    } else if (gesture.kind === "draw" && gesture.rect !== null) {
      const reason = model.hasLabel ? refusal(model.count, gesture.rect, picture) : "no-label";
      if (reason === null) model.onDraw(gesture.rect);
      else model.onRefuse(reason);
    }
  }

  private lost(event: PointerEvent): void {
    this.pointers.delete(event.pointerId);
    this.cancel();
  }

  private leave(): void {
    this.stage.showPointer(null);
    if (this.gesture === null) this.setHovered(null);
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 100 : 1;
    if (event.shiftKey && !event.ctrlKey) {
      this.stage.panBy(-(event.deltaX || event.deltaY) * unit, 0);
      return;
    }
    // A pinch on a touchpad comes as a wheel with Ctrl and small steps.
    const speed = event.ctrlKey ? 0.01 : 0.0016;
    this.stage.zoomBy(Math.exp(-event.deltaY * unit * speed), this.at(event));
  }

  private pinch(): Extract<Gesture, { kind: "pinch" }> {
    const [a = { x: 0, y: 0 }, b = a] = this.pointers.values();
    const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    return { kind: "pinch", distance: Math.hypot(a.x - b.x, a.y - b.y), middle };
  }

  private dragPinch(gesture: Extract<Gesture, { kind: "pinch" }>): void {
    const next = this.pinch();
    this.stage.panBy(next.middle.x - gesture.middle.x, next.middle.y - gesture.middle.y);
    this.stage.zoomBy(Math.max(1, next.distance) / Math.max(1, gesture.distance), next.middle);
    gesture.distance = next.distance;
    gesture.middle = next.middle;
    this.isDragging = true;
  }

  private hover(event: PointerEvent): void {
    if (this.model === null || isCoarse(event)) return;
    const at = this.stage.toPicture(this.at(event));
    const only = this.only();
    const handle = only === null ? null : handleAt(only, at, this.stage.reach(REACH[this.model.tool]));
    const [hit] = this.hits(at);
    this.setHovered(hit?.id ?? null);
    this.cursor(handle ?? (hit === undefined ? null : "move"));
  }

  private setHovered(id: string | null): void {
    if (id === this.hovered) return;
    this.hovered = id;
    this.stage.showHovered(id);
    this.model?.onHover(id);
  }

  private cursor(over: Handle | "move" | null = null): void {
    const { gesture, model } = this;
    const isDrawing = model?.tool === "draw";
    const idle = this.isSpaceDown ? "pan" : isDrawing && over === "move" ? null : over;
    const held =
      gesture?.kind === "resize" ? gesture.handle : gesture?.kind === "pan" ? "panning" : null;
    const cursor = held ?? idle ?? (isDrawing ? "draw" : "select");
    if (this.root.dataset["cursor"] !== cursor) this.root.dataset["cursor"] = cursor;
  }
}
