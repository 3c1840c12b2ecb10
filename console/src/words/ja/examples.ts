import type { examples as en } from "../en/examples.ts";

export const examples: typeof en = {};
