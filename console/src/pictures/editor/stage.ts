/**
 * Shows a picture and its boxes at a zoom. Zooming, panning and dragging change the elements
 * directly, at most once a frame, and cause no render; React draws what is committed.
 */
import { type Box, handlePoint, HANDLES, type Point, type Rect, type Size } from "../boxes.ts";
import { fit, panned, seen, toFrame, toPicture, type Viewport, zoomed, zoomToBox } from "../viewport.ts";

export interface StageElements {
  readonly root: HTMLElement;
  readonly picture: HTMLImageElement;
  /** Everything in pixels of the picture. */
  readonly world: SVGGElement;
  readonly drawing: SVGGElement;
  readonly band: SVGPathElement;
  /** Everything in pixels of the screen. */
  readonly handles: SVGGElement;
  readonly guides: SVGGElement;
  readonly tags: HTMLElement;
}

export interface StageModel {
  readonly picture: Size;
  readonly boxes: readonly Box[];
  readonly selected: ReadonlySet<string>;
}

const HANDLE_PX = 9;
const TAG_PX = 19;
/** From this scale on single pixels are shown as squares. */
const PIXELS_FROM = 4;
export const DRAWING = "drawing";

export const outline = ({ left, top, width, height }: Rect): string =>
  `M${left} ${top}h${width}v${height}h${-width}z`;

export class Stage {
  view: Viewport = { scale: 1, x: 0, y: 0 };
  frame: Size = { width: 1, height: 1 };
  model: StageModel = { picture: { width: 1, height: 1 }, boxes: [], selected: new Set() };
  private onZoom: (scale: number) => void = () => undefined;
  /** Boxes as they are dragged, before they are committed. */
  private preview: ReadonlyMap<string, Rect> = new Map();
  private drawn: Rect | null = null;
  private pointer: Point | null = null;
  private hovered: string | null = null;
  private elements: StageElements | null = null;
  private request = 0;
  private isFitted = true;

  attach(elements: StageElements): () => void {
    this.elements = elements;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) this.resize(entry.contentRect);
    });
    observer.observe(elements.root);
    this.resize(elements.root.getBoundingClientRect());
    return () => {
      observer.disconnect();
      cancelAnimationFrame(this.request);
      this.request = 0;
      this.elements = null;
    };
  }

  /** Take over what React has drawn. */
  update(model: StageModel): void {
    const { width, height } = this.model.picture;
    this.model = model;
    if (width !== model.picture.width || height !== model.picture.height) this.fit();
    this.paintNow();
  }

  listenToZoom(listener: (scale: number) => void): void {
    this.onZoom = listener;
  }

  fit(): void {
    this.look(fit(this.model.picture, this.frame), true);
  }

  zoomBy(factor: number, at: Point = { x: this.frame.width / 2, y: this.frame.height / 2 }): void {
    this.look(zoomed(this.view, factor, at, this.model.picture, this.frame));
  }

  zoomTo(rect: Rect): void {
    this.look(zoomToBox(rect, this.model.picture, this.frame));
  }

  panBy(dx: number, dy: number): void {
    this.look(panned(this.view, dx, dy, this.model.picture, this.frame));
  }

  seen(): Rect {
    return seen(this.view, this.model.picture, this.frame);
  }

  toPicture(at: Point): Point {
    return toPicture(this.view, at);
  }

  /** A length on the screen in pixels of the picture. */
  reach(pixels: number): number {
    return pixels / this.view.scale;
  }

  /** Show boxes where they are dragged to; an empty map shows them as committed. */
  showPreview(rects: ReadonlyMap<string, Rect>): void {
    for (const id of this.preview.keys()) if (!rects.has(id)) this.draw(id, this.committed(id));
    this.preview = rects;
    for (const [id, rect] of rects) this.draw(id, rect);
    this.schedule();
  }

  showDrawing(rect: Rect | null): void {
    this.drawn = rect;
    const path = rect === null ? "" : outline(rect);
    for (const child of this.elements?.drawing.children ?? []) child.setAttribute("d", path);
    this.schedule();
  }

  showBand(rect: Rect | null): void {
    this.elements?.band.setAttribute("d", rect === null ? "" : outline(rect));
  }

  /** Where the pointer is in the frame, for the guide lines. */
  showPointer(at: Point | null): void {
    if (at === null && this.pointer === null) return;
    this.pointer = at;
    this.schedule();
  }

  showHovered(id: string | null): void {
    this.shape(this.hovered)?.removeAttribute("data-hovered");
    this.shape(id)?.setAttribute("data-hovered", "");
    if (id === this.hovered) return;
    this.hovered = id;
    this.schedule();
  }

  private look(view: Viewport, isFitted = false): void {
    this.view = view;
    this.isFitted = isFitted;
    this.schedule();
  }

  private resize({ width, height }: Size): void {
    const from = this.frame;
    if (width === 0 || height === 0 || (from.width === width && from.height === height)) return;
    this.frame = { width, height };
    if (this.isFitted) this.fit();
    else this.panBy((width - from.width) / 2, (height - from.height) / 2);
    this.paintNow();
  }

  private schedule(): void {
    if (this.request === 0) this.request = requestAnimationFrame(() => this.paintNow());
  }

  private paintNow(): void {
    cancelAnimationFrame(this.request);
    this.request = 0;
    if (this.elements === null) return;
    const { picture, world } = this.elements;
    const { scale, x, y } = this.view;
    picture.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    picture.toggleAttribute("data-pixels", scale >= PIXELS_FROM);
    world.setAttribute("transform", `translate(${x} ${y}) scale(${scale})`);
    this.paintHandles(this.elements);
    this.paintGuides(this.elements);
    this.paintTags(this.elements);
    this.onZoom(scale);
  }

  private paintHandles({ handles }: StageElements): void {
    const [id] = this.model.selected;
    const rect = this.model.selected.size === 1 && id !== undefined ? this.rectOf(id) : null;
    handles.toggleAttribute("data-none", rect === null);
    if (rect === null) return;
    HANDLES.forEach((handle, index) => {
      const at = toFrame(this.view, handlePoint(rect, handle));
      handles.children[index]?.setAttribute("x", `${at.x - HANDLE_PX / 2}`);
      handles.children[index]?.setAttribute("y", `${at.y - HANDLE_PX / 2}`);
    });
  }

  private paintGuides({ guides }: StageElements): void {
    const at = this.pointer;
    guides.toggleAttribute("data-none", at === null);
    if (at === null) return;
    const [across, down] = guides.children;
    across?.setAttribute("d", `M0 ${at.y}h${this.frame.width}`);
    down?.setAttribute("d", `M${at.x} 0v${this.frame.height}`);
  }

  private paintTags({ tags }: StageElements): void {
    for (const tag of tags.children) {
      if (!(tag instanceof HTMLElement)) continue;
      const id = tag.dataset["of"] ?? "";
      const isShown = tag.dataset["always"] !== undefined || id === this.hovered;
      const rect = !isShown ? null : id === DRAWING ? this.drawn : this.rectOf(id);
      tag.toggleAttribute("data-none", rect === null);
      if (rect === null) continue;
      const at = toFrame(this.view, { x: rect.left, y: rect.top });
      const y = at.y < TAG_PX ? Math.max(0, at.y) : at.y - TAG_PX;
      tag.style.transform = `translate(${Math.max(0, at.x - 1)}px, ${y}px)`;
      const size = tag.querySelector(".canvas-size");
      const text = `${rect.width} × ${rect.height}`;
      if (size !== null && size.textContent !== text) size.textContent = text;
    }
  }

  private committed(id: string): Rect | null {
    return this.model.boxes.find((box) => box.id === id) ?? null;
  }

  private rectOf(id: string): Rect | null {
    return this.preview.get(id) ?? this.committed(id);
  }

  private shape(id: string | null): Element | null {
    if (id === null) return null;
    return this.elements?.world.querySelector(`[data-id="${CSS.escape(id)}"]`) ?? null;
  }

  private draw(id: string, rect: Rect | null): void {
    if (rect === null) return;
    for (const path of this.shape(id)?.children ?? []) path.setAttribute("d", outline(rect));
  }
}
