import { expect, it } from "vitest";
import { base64, csv, json, refusal, shownLabels, type Tried } from "./tried.ts";

it("refuses by content and by size, as the server would", async () => {
  const jpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xe0]);
  expect(await refusal(new File([jpeg], "a.jpg"))).toBeNull();
  expect(await refusal(new File(["BM"], "a.jpg"))).toBe("wrongType");
  expect(await refusal(new File([jpeg, new Uint8Array(4 * 1024 * 1024)], "a.jpg"))).toBe("tooLarge");
});

it("refuses what cannot be read, such as a folder that was dropped", async () => {
  const folder = { size: 4096, slice: () => ({ arrayBuffer: () => Promise.reject(new DOMException("", "NotFoundError")) }) };
  expect(await refusal(folder as unknown as File)).toBe("unreadable");
});

it("encodes any number of bytes", () => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i % 256);
  expect(Uint8Array.from(atob(base64(bytes)), (c) => c.codePointAt(0) ?? 0)).toEqual(bytes);
});

const box = { Left: 0.1, Top: 0.2, Width: 0.3, Height: 0.4 };
const labels = [{ Name: "c", Confidence: 3 }, { Name: 'a, "b"', Confidence: 91.5, Geometry: { BoundingBox: box } }];
const tried: Tried = { id: "1", name: "x.jpg", url: "", answers: [{ arn: "arn", model: "p / v", labels, milliseconds: 3.4 }] };

it("writes a row for each label, quoted where needed", () => {
  expect(csv([tried])).toBe(
    "picture,model,label,confidence,left,top,width,height,milliseconds\r\n" +
      'x.jpg,p / v,c,3,,,,,3\r\nx.jpg,p / v,"a, ""b""",91.5,0.1,0.2,0.3,0.4,3\r\n',
  );
});

it("writes every answer as the API gives it", () => {
  expect(JSON.parse(json([tried]))).toEqual([
    { picture: "x.jpg", answers: [{ model: "p / v", ProjectVersionArn: "arn", milliseconds: 3, CustomLabels: labels }] },
  ]);
});

it("shows what passes the thresholds or the minimum, the surest first", () => {
  const own = new Map([["c", 2], ['a, "b"', 95]]);
  expect(shownLabels(labels, { isAssumed: true, minimum: 50 }, own).map(({ Name }) => Name)).toEqual(["c"]);
  expect(shownLabels(labels, { isAssumed: false, minimum: 3 }, own).map(({ Name }) => Name)).toEqual(['a, "b"', "c"]);
});
