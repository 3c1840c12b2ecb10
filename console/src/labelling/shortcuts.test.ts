import { describe, expect, it } from "vitest";
import { COMMANDS, combination, commandOf, digit, labelKeys, SHORTCUTS } from "./shortcuts.ts";

const press = (key: string, more: Partial<KeyboardEvent> = {}) => ({
  key,
  code: "",
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  repeat: false,
  ...more,
});

describe("shortcuts", () => {
  it("give each key one meaning in a view", () => {
    for (const view of ["editor", "grid"] as const) {
      const keys = COMMANDS.filter((c) => (SHORTCUTS[c].views as readonly string[]).includes(view))
        .filter((c) => !("shownOnly" in SHORTCUTS[c]))
        .flatMap((c) => [...SHORTCUTS[c].keys]);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  it("are read from a press", () => {
    expect(combination(press("Z", { ctrlKey: true, shiftKey: true }))).toBe("Ctrl+Shift+Z");
    expect(commandOf(press("z", { metaKey: true }), "editor")).toBe("undo");
    expect(commandOf(press("?", { shiftKey: true }), "grid")).toBe("help");
    expect(commandOf(press("d"), "editor")).toBe("draw");
    expect(commandOf(press("d"), "grid")).toBeNull();
    expect(commandOf(press("d", { ctrlKey: true }), "editor")).toBeNull();
  });

  it("work while Japanese is typed", () => {
    expect(commandOf(press("Process", { code: "KeyD" }), "editor")).toBe("draw");
  });

  it("repeat where that is meant", () => {
    expect(commandOf(press("n", { repeat: true }), "editor")).toBe("next");
    expect(commandOf(press("h", { repeat: true }), "editor")).toBeNull();
  });

  it("read digits of both blocks, with Shift too", () => {
    expect(digit(press("!", { code: "Digit1", shiftKey: true }))).toBe("1");
    expect(digit(press("7", { code: "Numpad7" }))).toBe("7");
    expect(digit(press("1", { code: "Digit1", ctrlKey: true }))).toBeNull();
  });

  it("give labels their own key, and the digits left to the others", () => {
    const labels = [
      { name: "a", key: null },
      { name: "b", key: "1" },
      { name: "c", key: null },
    ];
    expect(Object.fromEntries(labelKeys(labels))).toEqual({ b: "1", a: "2", c: "3" });
    const many = Array.from({ length: 12 }, (_, i) => ({ name: `l${i}`, key: null }));
    expect(labelKeys(many).size).toBe(10);
  });
});
