import { expect, it } from "vitest";
import { searched, type SearchedPart } from "./image-search.ts";
import type { DatasetImage, ImagesFilter } from "./lensmith.ts";

const EXAMINED = 4;
const COUNTS = { all: 0, labeled: 0, unlabeled: 0, errors: 0 };

/** A server whose dataset has a hit at each of `hits`, of `size` pictures. */
function server(size: number, hits: readonly number[]) {
  const asked: ImagesFilter[] = [];
  const ask = (filter: ImagesFilter): Promise<SearchedPart> => {
    asked.push(filter);
    const { offset = 0, limit = 0, after } = filter;
    const from = typeof after === "number" ? after + 1 : 0;
    const end = from + EXAMINED;
    const found = hits.filter((at) => at >= from && at < end);
    const shown = found.slice(offset, offset + limit);
    const next = found.length > offset + limit ? (shown.at(-1) ?? null) : end < size ? end - 1 : null;
    const images = shown.map((at) => ({ name: `${at}` }) as DatasetImage);
    return Promise.resolve({ revision: 1, counts: COUNTS, total: found.length, images, next, complete: end >= size });
  };
  return { asked, ask };
}

it.each([
  { hits: [0, 9], offset: 0, names: ["0", "9"], total: 2, isOpen: false },
  { hits: [], offset: 0, names: [], total: 0, isOpen: false },
  { hits: [1, 2, 3, 5, 8], offset: 0, names: ["1", "2"], total: 3, isOpen: true },
  { hits: [0, 1, 9], offset: 0, names: ["0", "1"], total: 3, isOpen: false },
  { hits: [2, 3], offset: 0, names: ["2", "3"], total: 2, isOpen: false },
  { hits: [1, 2, 3, 5, 8], offset: 2, names: ["3", "5"], total: 5, isOpen: false },
  { hits: [1, 2, 3, 5, 8], offset: 4, names: ["8"], total: 5, isOpen: false },
  { hits: [6, 7, 8, 9], offset: 0, names: ["6", "7"], total: 4, isOpen: false },
  { hits: [1, 2], offset: 6, names: [], total: 2, isOpen: false },
])("gathers a page of %o", async ({ hits, offset, names, total, isOpen }) => {
  const page = await searched(server(10, hits).ask, { name: "x", offset, limit: 2 });
  expect(page.images.map(({ name }) => name)).toEqual(names);
  expect([page.total, page.isOpen]).toEqual([total, isOpen]);
});

it("stops once the page is full", async () => {
  const { ask, asked } = server(1000, [0, 1, 2, 3, 4, 5]);
  await searched(ask, { name: "x", limit: 2 });
  expect(asked).toEqual([{ name: "x", offset: 0, limit: 2, after: "start" }]);
});
