import { expect, it } from "vitest";
import { clock, framesCsv, lanesOf, momentsOf } from "./timeline.ts";

it("looks at moments from the beginning, never at the very end, never at too many", () => {
  expect(momentsOf(2.2, 1, 100)).toEqual([0, 1, 2]);
  expect(momentsOf(0.4, 1, 100)).toEqual([0]);
  expect(momentsOf(3600, 1, 300)).toHaveLength(300);
});

const cat = (Confidence: number) => [{ Name: "cat", Confidence }];

it("joins neighbouring frames of a label and leaves gaps", () => {
  const frames = [
    { seconds: 0, labels: cat(60), milliseconds: 1 },
    { seconds: 1, labels: cat(90), milliseconds: 1 },
    { seconds: 2, labels: cat(20), milliseconds: 1 },
    { seconds: 3, labels: cat(80), milliseconds: 1 },
  ];
  expect(lanesOf(frames, 1, 3.5, { isAssumed: false, minimum: 50 }, new Map())).toEqual([
    {
      label: "cat",
      stretches: [
        { from: 0, to: 2, confidence: 90 },
        { from: 3, to: 3.5, confidence: 80 },
      ],
    },
  ]);
  expect(framesCsv("a.mp4", frames.slice(0, 1))).toBe(
    "video,seconds,label,confidence,left,top,width,height\r\na.mp4,0,cat,60,,,,\r\n",
  );
});

it("writes a moment as minutes and seconds", () => expect(clock(75.9)).toBe("1:15"));
