import { describe, expect, it } from "vitest";
import { changed } from "../shell/address.ts";
import { filtersOf, forLabelling, isFiltered, request, toggledLabel, toState } from "./filters.ts";

const read = (text: string) => filtersOf(new URLSearchParams(text));

describe("filters of an address", () => {
  it("are the training dataset's first 50 pictures without any", () => {
    expect(request(read(""))).toEqual({ offset: 0, limit: 50, label: [] });
    expect(read("").kind).toBe("train");
  });

  it("ask the server for what they say", () => {
    const filters = read("type=test&page=3&size=100&label=a&label=b&errors=true&name=x%26y");
    expect(filters.kind).toBe("test");
    expect(request(filters)).toEqual({
      offset: 200,
      limit: 100,
      label: ["a", "b"],
      errors: true,
      name: "x&y",
    });
  });

  it.each(["page=0", "page=-2", "page=x", "size=7", "size=1e9", "labeled=maybe", "type=TEST"])(
    "take %s as absent",
    (text) => expect(read(text)).toEqual(read("")),
  );

  it("of a state replace each other, and start at page 1", () => {
    let search = new URLSearchParams("page=4&name=a");
    search = changed(search, toState("errors"));
    expect(search.toString()).toBe("name=a&errors=true");
    search = changed(search, toState("unlabeled"));
    expect(search.toString()).toBe("name=a&labeled=false");
    expect(filtersOf(search).state).toBe("unlabeled");
    expect(changed(search, toState(null)).toString()).toBe("name=a");
  });

  it("add a label and take it away", () => {
    expect(toggledLabel(["a"], "b").label).toEqual(["a", "b"]);
    expect(toggledLabel(["a", "b"], "a").label).toEqual(["b"]);
  });

  it("go along to labelling mode", () => {
    const search = new URLSearchParams("type=test&label=a&page=2");
    expect(forLabelling(search, { image: "s3://b/k 1.jpg" })).toBe(
      "?label=a&page=2&image=s3%3A%2F%2Fb%2Fk+1.jpg",
    );
    expect(isFiltered(filtersOf(search))).toBe(true);
  });
});
