/** Check a file before it is uploaded: PNG or JPEG by its bytes, size, sides, aspect. */

export const MAX_BYTES = 15 * 1024 * 1024;
export const MIN_SIDE = 64;
export const MAX_SIDE = 4096;
export const MAX_ASPECT = 20;
/** Enough for the size of nearly every picture; EXIF thumbnails may stand before it. */
const HEAD_BYTES = 256 * 1024;

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

export type Reason =
  | { readonly code: "type" | "broken" | "unreadable" }
  | { readonly code: "bytes"; readonly bytes: number }
  | ({ readonly code: "small" | "large" | "aspect" } & PictureSize);

export type Checked = { readonly size: PictureSize } | { readonly reason: Reason };

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

const startsWith = (bytes: Uint8Array, magic: readonly number[]): boolean =>
  magic.every((byte, i) => bytes[i] === byte);

/** Whether bytes begin as a PNG or a JPEG does. */
export const kindOf = (bytes: Uint8Array): "png" | "jpeg" | null =>
  startsWith(bytes, PNG) ? "png" : startsWith(bytes, [0xff, 0xd8, 0xff]) ? "jpeg" : null;

/** The size in a PNG's header; null if the bytes end before it. */
function pngSize(view: DataView): PictureSize | null {
  if (view.byteLength < 24) return null;
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** The size in a JPEG's frame header (ITU T.81, B.2.2); null if the bytes end before it. */
function jpegSize(view: DataView): PictureSize | null {
  let at = 2;
  while (at + 9 < view.byteLength) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1; // fill bytes
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    const stands = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    at += stands ? 2 : 2 + view.getUint16(at + 2);
  }
  return null;
}

/** The size of a PNG or JPEG from its first bytes; null if it is not there. */
export function sizeOf(bytes: Uint8Array): PictureSize | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = kindOf(bytes);
  return kind === "png" ? pngSize(view) : kind === "jpeg" ? jpegSize(view) : null;
}

/** Why a picture of this size cannot be used; null if it can. */
export function sizeProblem(size: PictureSize): Reason | null {
  const { width, height } = size;
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  if (short < 1) return { code: "broken" };
  if (short < MIN_SIDE) return { code: "small", ...size };
  if (long > MAX_SIDE) return { code: "large", ...size };
  if (long > MAX_ASPECT * short) return { code: "aspect", ...size };
  return null;
}

/** Read as little of a file as tells whether it can be used. */
export async function checkPicture(
  file: Blob,
  decode: (file: Blob) => Promise<PictureSize> = decodedSize,
): Promise<Checked> {
  // A folder that was dropped is a file that cannot be read, as one that was moved is.
  const read = await file.slice(0, HEAD_BYTES).arrayBuffer().catch(() => null);
  if (read === null) return { reason: { code: "unreadable" } };
  const head = new Uint8Array(read);
  if (kindOf(head) === null) return { reason: { code: "type" } };
  if (file.size > MAX_BYTES) return { reason: { code: "bytes", bytes: file.size } };
  try {
    const size = sizeOf(head) ?? (await decode(file));
    const reason = sizeProblem(size);
    return reason === null ? { size } : { reason };
  } catch {
    return { reason: { code: "broken" } };
  }
}

async function decodedSize(file: Blob): Promise<PictureSize> {
  const bitmap = await createImageBitmap(file);
  const size = { width: bitmap.width, height: bitmap.height };
  bitmap.close();
  return size;
}
