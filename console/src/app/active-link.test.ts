import { describe, expect, it } from "vitest";
import { activeLink, projectIn } from "./active-link.ts";

describe("projectIn", () => {
  it("finds the project of an address", () => {
    expect(projectIn("/projects/a%20b/models")).toBe("a b");
    expect(projectIn("/projects/create")).toBeNull();
    expect(projectIn("/projects")).toBeNull();
  });
});

describe("activeLink", () => {
  it.each([
    ["/projects/create", "/projects"],
    ["/projects/p", "/projects/p"],
    ["/projects/p/datasets/create", "/projects/p/datasets?type=train"],
    ["/projects/p/label/test", "/projects/p/datasets?type=train"],
    ["/projects/p/train", "/projects/p/models"],
    ["/storage", "/storage"],
  ])("%s lights %s", (pathname, link) => {
    expect(activeLink(pathname)).toBe(link);
  });
});
