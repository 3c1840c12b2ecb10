/** The full picture of a draft: its thumbnail until it is there, and its size as shown. */
import { useEffect, useState } from "react";
import { type DatasetImage, pictureUrl } from "../api/lensmith.ts";
import type { Size } from "../pictures/boxes.ts";

export interface ShownPicture {
  readonly src: string;
  readonly size: Size | null;
  readonly isFull: boolean;
  readonly hasFailed: boolean;
}

const loads = new Map<string, Promise<Size>>();
const KEPT = 6;

/** Load and decode a picture once; the browser keeps it for when it is shown. */
function load(url: string): Promise<Size> {
  const known = loads.get(url);
  if (known !== undefined) return known;
  const image = new Image();
  image.src = url;
  const loading = image
    .decode()
    .then(() => ({ width: image.naturalWidth, height: image.naturalHeight }));
  loads.set(url, loading);
  loading.catch(() => loads.delete(url));
  for (const old of loads.keys()) {
    if (loads.size <= KEPT) break;
    loads.delete(old);
  }
  return loading;
}

const full = (image: DatasetImage): string => pictureUrl(image, "full");

/** Fetch a picture that is likely to be shown next. */
export function preload(image: DatasetImage | undefined): void {
  if (image !== undefined) load(full(image)).catch(() => undefined);
}

export function usePicture(image: DatasetImage): ShownPicture {
  const url = full(image);
  const [loaded, setLoaded] = useState<{ url: string; size: Size | null }>();
  useEffect(() => {
    let isCurrent = true;
    load(url).then(
      (size) => isCurrent && setLoaded({ url, size }),
      () => isCurrent && setLoaded({ url, size: null }),
    );
    return () => {
      isCurrent = false;
    };
  }, [url]);
  const known =
    image.width === null || image.height === null ? null : { width: image.width, height: image.height };
  const mine = loaded?.url === url ? loaded : undefined;
  return {
    src: mine?.size ? url : pictureUrl(image, 320),
    size: known ?? mine?.size ?? null,
    isFull: mine?.size !== undefined && mine.size !== null,
    hasFailed: mine !== undefined && mine.size === null,
  };
}
