import type { gallery as en } from "../en/gallery.ts";

export const gallery: typeof en = {};
