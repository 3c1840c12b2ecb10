import { expect, it } from "vitest";
import type { listReviewed, ReviewedPicture } from "../api/reviews.ts";
import { around } from "./review-drafts.ts";

const pictures = (count: number, name: string): readonly ReviewedPicture[] =>
  Array.from({ length: count }, (_, at) => ({ source_ref: `s3://b/${name}-${at}.png` }) as ReviewedPicture);

const all = { pending: pictures(1201, "open"), answered: pictures(3, "done") };
const list: typeof listReviewed = (_, { state = [], offset = 0, limit = 0 }) => {
  const found = state.includes("pending") ? all.pending : all.answered;
  return Promise.resolve({ total: found.length, images: found.slice(offset, offset + limit) });
};
const names = async (first: string): Promise<readonly string[]> =>
  (await around("1", `s3://b/${first}.png`, list)).map(({ source_ref: ref }) => ref);

it("finds a picture beyond the first pages of a large review, with its neighbours", async () => {
  const found = await names("open-1100");
  expect(found).toContain("s3://b/open-1100.png");
  expect(found).toContain("s3://b/open-1101.png");
});

it("finds one that is answered, and nothing of one that is in neither", async () => {
  expect(await names("done-2")).toHaveLength(3);
  expect(await names("elsewhere")).toEqual([]);
});
