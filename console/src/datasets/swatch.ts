import type { CSSProperties } from "react";

/** The colour before a label's name, drawn by `.swatched::before`: no node of its own. */
export const swatch = (colour: string | undefined): CSSProperties =>
  ({ "--swatch": colour ?? "transparent" }) as CSSProperties;
