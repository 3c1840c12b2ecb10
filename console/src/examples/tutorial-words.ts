/** The words of one tutorial, by its id. */
import type { Words } from "../words/language.ts";

export interface PageWords {
  readonly title: string;
  readonly lead: string;
  readonly time: string;
  readonly steps: Readonly<Record<string, { readonly title: string; readonly text: string; readonly link?: string } | undefined>>;
}

export const wordsOf = (words: Words["tutorials"], id: string): PageWords => words.pages[id as keyof typeof words.pages];
