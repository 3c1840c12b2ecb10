import type { storage as en } from "../en/storage.ts";

export const storage: typeof en = {};
