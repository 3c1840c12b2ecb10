import type { labelling as en } from "../en/labelling.ts";

export const labelling: typeof en = {};
