import { describe, expect, it } from "vitest";
import { changed, isConsolePath } from "./address.ts";
import { paths } from "./paths.ts";

describe("changed", () => {
  it("sets, repeats, and removes", () => {
    const search = new URLSearchParams("page=3&label=a&name=x");
    const next = changed(search, { label: ["b", "c d"], page: null, name: "" });
    expect(next.toString()).toBe("label=b&label=c+d");
    expect(search.get("page")).toBe("3");
  });
});

describe("paths", () => {
  it("encode names", () => {
    expect(paths.gallery("a b", "test")).toBe("/projects/a%20b/datasets?type=test");
    expect(paths.storage("b", "x y/")).toBe("/storage?bucket=b&prefix=x+y%2F");
    expect(paths.storage()).toBe("/storage");
  });
});

it("comes back to pages of projects only", () => {
  expect(["/projects/p/models/v/performance?page=2", "/projects//evil", "//evil/projects/p", "https://evil/projects/p", ""].map(isConsolePath)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});
