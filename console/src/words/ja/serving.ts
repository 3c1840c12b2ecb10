import type { serving as en } from "../en/serving.ts";

export const serving: typeof en = {};
