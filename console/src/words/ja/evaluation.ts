import type { evaluation as en } from "../en/evaluation.ts";

export const evaluation: typeof en = {};
