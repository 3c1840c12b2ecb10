import { describe, expect, it } from "vitest";
import {
  type Box,
  boxesAt,
  boxesTouching,
  centred,
  drawingOrder,
  fitted,
  HANDLES,
  handleAt,
  handlePoint,
  isLargeEnough,
  MAX_BOXES,
  minSide,
  moved,
  movedTogether,
  rectBetween,
  refusal,
  resized,
  tabbedTo,
  tabOrder,
} from "./boxes.ts";

const picture = { width: 640, height: 480 };
const rect = { left: 100, top: 80, width: 50, height: 40 };
const box = (id: string, left: number, top: number, width: number, height: number): Box => ({
  id,
  label: "gear",
  left,
  top,
  width,
  height,
});

describe("the smallest box", () => {
  it("is more than one pixel", () => {
    expect(minSide(picture)).toBe(2);
    expect(isLargeEnough({ width: 1, height: 40 }, picture)).toBe(false);
    expect(isLargeEnough({ width: 2, height: 2 }, picture)).toBe(true);
  });

  it.each([
    [1280, 2],
    [1281, 2],
    [2559, 2],
    [2560, 3],
    [4096, 4],
  ])("of a picture of %i px is %i px, so that it survives the training resize", (side, least) => {
    const large = { width: 64, height: side };
    expect(minSide(large)).toBe(least);
    const scale = Math.min(1, 1280 / side);
    expect(least * scale).toBeGreaterThan(1);
    if (side > 1280) expect((least - 1) * scale).toBeLessThanOrEqual(1);
  });
});

describe("drawing", () => {
  it("rounds to pixels, in any direction", () => {
    const expected = { left: 10, top: 20, width: 31, height: 10 };
    expect(rectBetween({ x: 10.4, y: 19.6 }, { x: 40.6, y: 30.2 }, picture)).toEqual(expected);
    expect(rectBetween({ x: 40.6, y: 30.2 }, { x: 10.4, y: 19.6 }, picture)).toEqual(expected);
  });

  it("clamps to the picture", () => {
    expect(rectBetween({ x: -30, y: 470 }, { x: 700, y: 900 }, picture)).toEqual({
      left: 0,
      top: 470,
      width: 640,
      height: 10,
    });
  });

  it("refuses a click and the 51st box", () => {
    const click = rectBetween({ x: 5, y: 5 }, { x: 6, y: 5.4 }, picture);
    expect(refusal(0, click, picture)).toBe("too-small");
    expect(refusal(MAX_BOXES - 1, rect, picture)).toBeNull();
    expect(refusal(MAX_BOXES, rect, picture)).toBe("too-many");
  });

  it("by keyboard starts in the middle of what is seen", () => {
    expect(centred({ left: 0, top: 0, width: 640, height: 480 }, picture)).toEqual({
      left: 260,
      top: 180,
      width: 120,
      height: 120,
    });
    expect(isLargeEnough(centred({ left: 3, top: 3, width: 4, height: 4 }, picture), picture)).toBe(true);
  });
});

describe("moving", () => {
  it("keeps the size at the edges", () => {
    expect(moved(rect, -500, 3.4, picture)).toEqual({ ...rect, left: 0, top: 83 });
    expect(moved(rect, 900, 900, picture)).toEqual({ ...rect, left: 590, top: 440 });
  });

  it("of several boxes keeps their distances", () => {
    const [a, b] = movedTogether([box("a", 10, 10, 20, 20), box("b", 100, 50, 20, 20)], -40, 5, picture);
    expect([a?.left, a?.top, b?.left, b?.top]).toEqual([0, 15, 90, 55]);
  });

  it("to another picture clamps, or gives up", () => {
    expect(fitted(rect, { width: 120, height: 100 })).toEqual({ left: 100, top: 80, width: 20, height: 20 });
    expect(fitted(rect, { width: 101, height: 100 })).toBeNull();
  });
});

describe("resizing", () => {
  it.each(HANDLES)("by %s moves that side only", (handle) => {
    const by = resized(rect, handle, 7, 9, picture);
    expect(by.left).toBe(rect.left + (handle.includes("w") ? 7 : 0));
    expect(by.top).toBe(rect.top + (handle.includes("n") ? 9 : 0));
    expect(by.left + by.width).toBe(150 + (handle.includes("e") ? 7 : 0));
    expect(by.top + by.height).toBe(120 + (handle.includes("s") ? 9 : 0));
  });

  it("stops at the opposite side and at the edges", () => {
    expect(resized(rect, "nw", 500, 500, picture)).toEqual({ left: 148, top: 118, width: 2, height: 2 });
    expect(resized(rect, "se", 9999, 9999, picture)).toEqual({ left: 100, top: 80, width: 540, height: 400 });
    expect(resized(rect, "nw", -9999, -9999, picture)).toEqual({ left: 0, top: 0, width: 150, height: 120 });
  });

  it("finds every handle, and corners first where they are close", () => {
    for (const handle of HANDLES) expect(handleAt(rect, handlePoint(rect, handle), 6)).toBe(handle);
    expect(handleAt({ left: 0, top: 0, width: 4, height: 4 }, { x: 0, y: 0 }, 8)).toBe("nw");
    expect(handleAt(rect, { x: 125, y: 100 }, 6)).toBeNull();
  });
});

describe("boxes over each other", () => {
  const large = box("large", 0, 0, 300, 300);
  const middle = box("middle", 50, 50, 100, 100);
  const small = box("small", 60, 60, 20, 20);
  const away = box("away", 400, 10, 20, 20);
  const boxes = [small, large, away, middle];

  it("are hit smallest first", () => {
    expect(boxesAt(boxes, { x: 65, y: 65 }).map((b) => b.id)).toEqual(["small", "middle", "large"]);
    expect(boxesAt(boxes, { x: 350, y: 5 })).toEqual([]);
    expect(drawingOrder(boxes).map((b) => b.id)[0]).toBe("large");
  });

  it("are all reached by Tab, and Tab leaves at the ends", () => {
    const order = tabOrder(boxes, { x: 65, y: 65 });
    expect(order.map((b) => b.id)).toEqual(["small", "middle", "large", "away"]);
    expect(tabbedTo(order, null, 1)?.id).toBe("small");
    expect(tabbedTo(order, "small", 1)?.id).toBe("middle");
    expect(tabbedTo(order, "away", 1)).toBeNull();
    expect(tabbedTo(order, "small", -1)).toBeNull();
    expect(tabbedTo(order, null, -1)?.id).toBe("away");
    expect(tabOrder(boxes, null).map((b) => b.id)).toEqual(["large", "away", "middle", "small"]);
  });

  it("are caught by a rubber band that touches them", () => {
    const band = { left: 140, top: 140, width: 300, height: 20 };
    expect(boxesTouching(boxes, band).map((b) => b.id)).toEqual(["large", "middle"]);
  });
});
