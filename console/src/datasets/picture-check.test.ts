import { describe, expect, it } from "vitest";
import { checkPicture, MAX_BYTES, sizeOf } from "./picture-check.ts";

function png(width: number, height: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(33);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  new DataView(bytes.buffer).setUint32(16, width);
  new DataView(bytes.buffer).setUint32(20, height);
  return bytes;
}

/** A JPEG's first bytes: APP1 of some length, a Huffman table, then the frame header. */
function jpeg(width: number, height: number, app1 = 100, frame = 0xc2): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2 + 2 + app1 + 2 + 20 + 19);
  const view = new DataView(bytes.buffer);
  bytes.set([0xff, 0xd8, 0xff, 0xe1]);
  view.setUint16(4, app1);
  let at = 4 + app1;
  bytes.set([0xff, 0xc4], at);
  view.setUint16(at + 2, 20);
  at += 22;
  bytes.set([0xff, frame, 0, 17, 8], at);
  view.setUint16(at + 5, height);
  view.setUint16(at + 7, width);
  return bytes;
}

const check = (bytes: Uint8Array<ArrayBuffer>) =>
  checkPicture(new Blob([bytes]), () => Promise.reject(new Error("broken")));

describe("the size of a picture", () => {
  it("stands in a PNG's header", () => expect(sizeOf(png(640, 480))).toEqual({ width: 640, height: 480 }));
  it.each([0xc0, 0xc1, 0xc2])("stands in a JPEG's frame header %i", (frame) =>
    expect(sizeOf(jpeg(1280, 720, 5000, frame))).toEqual({ width: 1280, height: 720 }));
  it("is unknown where the bytes end too early", () => expect(sizeOf(jpeg(9, 9).slice(0, 40))).toBeNull());
  it("is unknown where a marker is missing", () => expect(sizeOf(new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]))).toBeNull());
});

describe("a file to be uploaded", () => {
  it("is taken within the limits", async () => {
    expect(await check(png(64, 1280))).toEqual({ size: { width: 64, height: 1280 } });
    expect(await check(jpeg(4096, 4096))).toEqual({ size: { width: 4096, height: 4096 } });
  });

  it("is named with its reason otherwise", async () => {
    expect(await check(new TextEncoder().encode("GIF89a, whatever follows"))).toEqual({ reason: { code: "type" } });
    expect(await check(new Uint8Array(0))).toEqual({ reason: { code: "type" } });
    expect(await check(png(40, 40))).toEqual({ reason: { code: "small", width: 40, height: 40 } });
    expect(await check(png(5000, 300))).toEqual({ reason: { code: "large", width: 5000, height: 300 } });
    expect(await check(png(2000, 99))).toEqual({ reason: { code: "aspect", width: 2000, height: 99 } });
    expect(await check(png(0, 99))).toEqual({ reason: { code: "broken" } });
    expect(await check(jpeg(99, 99).slice(0, 50))).toEqual({ reason: { code: "broken" } });
  });

  it("may be one that cannot be read, such as a folder that was dropped", async () => {
    const folder = { size: 4096, slice: () => ({ arrayBuffer: () => Promise.reject(new DOMException("", "NotFoundError")) }) };
    expect(await checkPicture(folder as unknown as Blob)).toEqual({ reason: { code: "unreadable" } });
  });

  it("has at most 15 MB", async () => {
    const large = new Blob([png(99, 99), new Uint8Array(MAX_BYTES)]);
    expect(await checkPicture(large)).toEqual({ reason: { code: "bytes", bytes: large.size } });
  });
});
