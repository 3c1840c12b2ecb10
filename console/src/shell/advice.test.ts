import { expect, it } from "vitest";
import type { Advice } from "../api/versions.ts";
import { en } from "../words/en.ts";
import { ja } from "../words/ja.ts";
import { formatIn } from "../words/language.ts";
import { adviceText } from "./advice.tsx";

const NUMBERS = { is_warning: false, label: "cup", other: "mug", count: 4, total: 5, images: 6, value: 0.4 };
const CODES = ["weak-model", "cut-short", "few-test-images", "confused", "missed", "false-alarms", "more-test-images"] as const;

it("says each code with its numbers, in both languages", () => {
  const confused: Advice = { ...NUMBERS, code: "confused" };
  expect(adviceText(confused, en, formatIn("en"))).toBe(
    "cup has 6 test pictures; 4 of its 5 mistakes are mug: add pictures of cup beside mug.",
  );
  for (const code of CODES) {
    for (const [words, language] of [[en, "en"], [ja, "ja"]] as const) {
      const text = adviceText({ ...NUMBERS, code }, words, formatIn(language));
      expect(text).not.toMatch(/undefined|null|NaN/);
      expect(text.length).toBeGreaterThan(10);
    }
  }
});
