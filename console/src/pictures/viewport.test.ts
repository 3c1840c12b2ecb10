import { describe, expect, it } from "vitest";
import { fit, MAX_SCALE, panned, seen, toFrame, toPicture, zoomed, zoomToBox } from "./viewport.ts";

const picture = { width: 640, height: 480 };
const frame = { width: 900, height: 600 };

describe("viewport", () => {
  it("fits the whole picture in the middle", () => {
    const view = fit(picture, frame);
    expect(view.scale).toBeCloseTo(1.2);
    expect(view.x).toBeCloseTo((900 - 640 * 1.2) / 2);
    expect(view.y).toBeCloseTo(12);
  });

  it("keeps the pixel under the pointer while zooming", () => {
    let view = fit(picture, frame);
    const at = { x: 300, y: 200 };
    const before = toPicture(view, at);
    for (let i = 0; i < 9; i += 1) view = zoomed(view, 1.2, at, picture, frame);
    expect(toPicture(view, at).x).toBeCloseTo(before.x);
    expect(toPicture(view, at).y).toBeCloseTo(before.y);
  });

  it("has limits, and never loses the picture", () => {
    let view = fit(picture, frame);
    for (let i = 0; i < 60; i += 1) view = zoomed(view, 1.5, { x: 5, y: 5 }, picture, frame);
    expect(view.scale).toBe(MAX_SCALE);
    for (let i = 0; i < 60; i += 1) view = zoomed(view, 0.5, { x: 5, y: 5 }, picture, frame);
    expect(view.scale).toBeCloseTo(0.5);
    view = panned(view, -99999, 99999, picture, frame);
    expect(view.x + picture.width * view.scale).toBeCloseTo(48);
    expect(view.y).toBeCloseTo(600 - 48);
  });

  it("turns points back and forth within a hundredth of a pixel at any zoom", () => {
    let view = fit(picture, frame);
    for (let i = 0; i < 20; i += 1) {
      const there = toFrame(view, { x: 123, y: 45 });
      expect(toPicture(view, there).x).toBeCloseTo(123);
      expect(toPicture(view, there).y).toBeCloseTo(45);
      view = zoomed(view, 1.17, { x: 450, y: 300 }, picture, frame);
    }
  });

  it("zooms to a box and says what is seen", () => {
    const box = { left: 300, top: 200, width: 40, height: 30 };
    const view = zoomToBox(box, picture, frame);
    const part = seen(view, picture, frame);
    expect(part.left).toBeLessThan(box.left);
    expect(part.left + part.width).toBeGreaterThan(340);
    expect(part.width).toBeLessThan(picture.width / 4);
  });
});
