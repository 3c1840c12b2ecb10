import { expect, it } from "vitest";
import { base64, csv, refusal } from "./tried.ts";

it("refuses by content and by size, as the server would", async () => {
  const jpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xe0]);
  expect(await refusal(new File([jpeg], "a.jpg"))).toBeNull();
  expect(await refusal(new File(["BM"], "a.jpg"))).toBe("wrongType");
  expect(await refusal(new File([jpeg, new Uint8Array(4 * 1024 * 1024)], "a.jpg"))).toBe("tooLarge");
});

it("encodes any number of bytes", () => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i % 256);
  expect(Uint8Array.from(atob(base64(bytes)), (c) => c.codePointAt(0) ?? 0)).toEqual(bytes);
});

it("writes a row for each label, quoted where needed", () => {
  const box = { Left: 0.1, Top: 0.2, Width: 0.3, Height: 0.4 };
  const labels = [{ Name: 'a, "b"', Confidence: 91.5, Geometry: { BoundingBox: box } }, { Name: "c", Confidence: 3 }];
  expect(csv([{ id: "1", name: "x.jpg", url: "", labels, milliseconds: 3 }])).toBe(
    'picture,label,confidence,left,top,width,height\r\nx.jpg,"a, ""b""",91.5,0.1,0.2,0.3,0.4\r\nx.jpg,c,3,,,,\r\n',
  );
});
