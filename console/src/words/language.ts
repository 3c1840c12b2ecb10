import { useSyncExternalStore } from "react";
import { en, type Words } from "./en.ts";

export type { Words } from "./en.ts";

export type Language = "en" | "ja";
export const LANGUAGES: readonly { readonly id: Language; readonly name: string }[] = [
  { id: "en", name: "English" },
  { id: "ja", name: "日本語" },
];
const KEY = "lensmith.language";

interface Spoken {
  readonly language: Language;
  readonly words: Words;
}

let spoken: Spoken = { language: "en", words: en };
const listeners = new Set<() => void>();

function preferred(): Language {
  const chosen = localStorage.getItem(KEY);
  if (chosen === "en" || chosen === "ja") return chosen;
  return navigator.language.toLowerCase().startsWith("ja") ? "ja" : "en";
}

/** Load and show a language; `chosen` keeps it for the next visit. */
export async function speak(language: Language = preferred(), chosen = false): Promise<void> {
  const words = language === "ja" ? (await import("./ja.ts")).ja : en;
  spoken = { language, words };
  document.documentElement.lang = language;
  if (chosen) localStorage.setItem(KEY, language);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The texts in the language shown: `const { projects: t } = useWords()`. */
export const useWords = (): Words => useSyncExternalStore(subscribe, () => spoken.words);
export const useLanguage = (): Language => useSyncExternalStore(subscribe, () => spoken.language);

/** Dates and numbers in the language shown. */
export interface Format {
  readonly number: (value: number) => string;
  /** Fixed decimals, as metrics are shown: 0.902. */
  readonly decimals: (value: number, digits: number) => string;
  readonly bytes: (value: number) => string;
  /** Local date and time with the offset to UTC. Seconds since 1970 as AWS sends them, or ISO. */
  readonly date: (value: number | string) => string;
  readonly time: (value: number | Date) => string;
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

export function formatIn(language: Language): Format {
  const number = new Intl.NumberFormat(language);
  const date = new Intl.DateTimeFormat(language, {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZoneName: "shortOffset",
  });
  const time = new Intl.DateTimeFormat(language, { timeStyle: "medium", hourCycle: "h23" });
  return {
    number: (value) => number.format(value),
    decimals: (value, digits) => value.toFixed(digits),
    bytes: (value) => {
      const step = value < 1 ? 0 : Math.min(Math.floor(Math.log10(value) / 3), UNITS.length - 1);
      return new Intl.NumberFormat(language, {
        style: "unit",
        unit: UNITS[step] ?? "byte",
        unitDisplay: step === 0 ? "long" : "short",
        maximumFractionDigits: step === 0 ? 0 : 1,
      }).format(value / 1000 ** step);
    },
    date: (value) => date.format(typeof value === "number" ? value * 1000 : new Date(value)),
    time: (value) => time.format(value),
  };
}

const formats: Readonly<Record<Language, Format>> = { en: formatIn("en"), ja: formatIn("ja") };
export const useFormat = (): Format => formats[useLanguage()];
