import { expect, it } from "vitest";
import { foldersOf, nameOf, parentOf, parseS3Uri, s3Uri } from "./s3-uri.ts";

it.each([
  ["s3://my-bucket/a/b.jpg", { bucket: "my-bucket", key: "a/b.jpg" }],
  [" s3://my-bucket ", { bucket: "my-bucket", key: "" }],
  ["s3://my-bucket/", { bucket: "my-bucket", key: "" }],
])("reads %s", (text, place) => expect(parseS3Uri(text)).toEqual(place));

it.each(["", "my-bucket/a", "s3://", "s3://A/b", "s3:///a", "https://my-bucket/a"])("does not read %s", (text) =>
  expect(parseS3Uri(text)).toBeNull());

it("names folders and what is above them", () => {
  expect(foldersOf("a/b/")).toEqual([
    { name: "a", prefix: "a/" },
    { name: "b", prefix: "a/b/" },
  ]);
  expect(parentOf("a/b/")).toBe("a/");
  expect(parentOf("a/")).toBe("");
  expect(nameOf("a/b/")).toBe("b");
  expect(nameOf("a/b.jpg")).toBe("b.jpg");
  expect(s3Uri({ bucket: "b-c", key: "a/" })).toBe("s3://b-c/a/");
});
