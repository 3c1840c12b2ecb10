/** A picture with what models found in it drawn on it, as a PNG. */
import type { CustomLabel } from "../api/rekognition.ts";
import { textOn } from "../pictures/label-colours.ts";

export interface Drawn {
  /** Above the picture where there are several. */
  readonly title: string | null;
  readonly labels: readonly CustomLabel[];
}

const loaded = (url: string): Promise<HTMLImageElement> =>
  new Promise((resolve, reject) => {
    const image = new Image();
    image.addEventListener("load", () => resolve(image));
    image.addEventListener("error", () => reject(new Error(url)));
    image.src = url;
  });

/** Draw the picture once for each model, beside each other. */
export async function annotatedPng(
  url: string,
  drawn: readonly Drawn[],
  colours: ReadonlyMap<string, string>,
): Promise<Blob> {
  const image = await loaded(url);
  const { naturalWidth: width, naturalHeight: height } = image;
  const size = Math.max(12, Math.round(Math.max(width, height) / 45));
  const head = drawn.some(({ title }) => title !== null) ? 2 * size : 0;
  const canvas = document.createElement("canvas");
  canvas.width = width * drawn.length + size * (drawn.length - 1);
  canvas.height = height + head;
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("canvas");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.font = `600 ${size}px system-ui, sans-serif`;
  context.textBaseline = "middle";
  for (const [at, { title, labels }] of drawn.entries()) {
    context.save();
    context.translate(at * (width + size), 0);
    context.fillStyle = "#10141c";
    if (title !== null) context.fillText(title, size / 2, head / 2, width - size);
    context.translate(0, head);
    context.beginPath();
    context.rect(0, 0, width, height);
    context.clip();
    context.drawImage(image, 0, 0);
    drawLabels(context, labels, { width, height, size, colours });
    context.restore();
  }
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(new Error("canvas")) : resolve(blob)), "image/png");
  });
}

interface Scale {
  readonly width: number;
  readonly height: number;
  /** Of the text, in pixels. */
  readonly size: number;
  readonly colours: ReadonlyMap<string, string>;
}

function drawLabels(context: CanvasRenderingContext2D, labels: readonly CustomLabel[], scale: Scale): void {
  const { width, height, size, colours } = scale;
  let line = 0;
  context.lineWidth = Math.max(2, size / 6);
  for (const { Name = "", Confidence = 0, Geometry } of labels.toReversed()) {
    const colour = colours.get(Name) ?? "#0072b2";
    const text = `${Name} ${Confidence.toFixed(1)} %`;
    const box = Geometry?.BoundingBox;
    let [left, top] = [size / 2, size / 2 + line * 1.6 * size];
    if (box === undefined) line += 1;
    else {
      const { Left = 0, Top = 0, Width = 0, Height = 0 } = box;
      context.strokeStyle = colour;
      context.strokeRect(Left * width, Top * height, Width * width, Height * height);
      left = Left * width;
      top = Math.max(0, Top * height - 1.4 * size);
    }
    const span = context.measureText(text).width + size;
    left = Math.max(0, Math.min(left, width - span));
    context.fillStyle = colour;
    context.fillRect(left, top, span, 1.4 * size);
    context.fillStyle = textOn(colour);
    context.fillText(text, left + size / 2, top + 0.72 * size);
  }
}
