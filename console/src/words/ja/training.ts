import type { training as en } from "../en/training.ts";

export const training: typeof en = {};
