import { describe, expect, it } from "vitest";
import { en } from "./en.ts";
import { ja } from "./ja.ts";
import { formatIn } from "./language.ts";

/** The paths of all texts, so that nested sections count too. */
function keys(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([name, inner]) => keys(inner, `${path}.${name}`));
}

describe("words", () => {
  it("have the same keys in English and Japanese", () => {
    expect(keys(ja).toSorted()).toEqual(keys(en).toSorted());
  });
});

describe("formatIn", () => {
  it("shows sizes", () => {
    const format = formatIn("en");
    expect(format.bytes(0)).toBe("0 bytes");
    expect(format.bytes(1_234_567)).toBe("1.2 MB");
    expect(format.number(10_000)).toBe("10,000");
  });

  it("takes seconds and ISO dates", () => {
    const format = formatIn("en");
    expect(format.date(0)).toBe(format.date("1970-01-01T00:00:00Z"));
  });
});
