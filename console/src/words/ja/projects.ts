import type { projects as en } from "../en/projects.ts";

export const projects: typeof en = {};
