/** Colours of labels: told apart by colour-blind people, with text and outlines that stand out. */

/**
 * Okabe and Ito's colours (2008) without black, then those of Tol's "muted" scheme that differ
 * from them; after these, the same again in a lighter and a darker shade.
 */
export const PALETTE: readonly string[] = [
  "#0072b2",
  "#e69f00",
  "#009e73",
  "#d55e00",
  "#56b4e9",
  "#cc79a7",
  "#f0e442",
  "#882255",
  "#44aa99",
  "#999933",
  "#332288",
  "#cc6677",
];

type Rgb = readonly [number, number, number];

function rgb(colour: string): Rgb {
  const value = Number.parseInt(colour.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

const hex = (channels: Rgb): string =>
  `#${channels.map((c) => Math.round(c).toString(16).padStart(2, "0")).join("")}`;

function luminance(colour: string): number {
  const [r, g, b] = rgb(colour).map((channel) => {
    const c = channel / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** The contrast ratio of WCAG 2 of two colours, from 1 to 21. */
export function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

const INK = "#10141c";
const PAPER = "#ffffff";

/** The colour of text on a colour, and of the line around a box: the darker or the lighter one. */
export function textOn(colour: string): string {
  return contrast(colour, INK) >= contrast(colour, PAPER) ? INK : PAPER;
}

export const isColour = (text: string): boolean => /^#[0-9a-f]{6}$/i.test(text);

/** The nth colour; past the palette's end it returns lighter, then darker. */
export function paletteColour(index: number): string {
  const base = PALETTE[index % PALETTE.length] ?? INK;
  const round = Math.floor(index / PALETTE.length) % 3;
  if (round === 0) return base;
  const [towards, by] = round === 1 ? [255, 0.45] : [0, 0.4];
  const [r, g, b] = rgb(base);
  return hex([r + (towards - r) * by, g + (towards - g) * by, b + (towards - b) * by]);
}

export interface Coloured {
  readonly name: string;
  readonly color: string | null;
}

/**
 * Give every label a colour: its own, else the first of the palette that is least used, in the
 * order of names, so that the same labels look the same wherever they are shown.
 */
export function labelColours(labels: readonly Coloured[]): ReadonlyMap<string, string> {
  const colours = new Map<string, string>();
  const taken = new Set<string>();
  for (const { name, color } of labels) {
    if (color === null || !isColour(color)) continue;
    colours.set(name, color.toLowerCase());
    taken.add(color.toLowerCase());
  }
  const without = labels.filter(({ name }) => !colours.has(name)).map(({ name }) => name);
  let next = 0;
  for (const name of without.toSorted((a, b) => (a < b ? -1 : 1))) {
    while (next < 3 * PALETTE.length && taken.has(paletteColour(next))) next += 1;
    colours.set(name, paletteColour(next));
    next += 1;
  }
  return colours;
}

/** The colour for one more label: the first of the palette that no label has. */
export function freshColour(taken: Iterable<string>): string {
  const used = new Set([...taken].map((colour) => colour.toLowerCase()));
  for (let index = 0; index < 3 * PALETTE.length; index += 1) {
    if (!used.has(paletteColour(index))) return paletteColour(index);
  }
  return paletteColour(used.size);
}
