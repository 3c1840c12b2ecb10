import { expect, it } from "vitest";
import { canDivide, EMPTY_FORM, importSource, problemsOf, type SourceForm } from "./import-sources.ts";

const form = (change: Partial<SourceForm>): SourceForm => ({ ...EMPTY_FORM, ...change });

it.each<[Partial<SourceForm>, object]>([
  [{ kind: "upload" }, {}],
  [{ kind: "copy" }, { arn: "dataset" }],
  [{ kind: "copy", arn: "arn" }, {}],
  [{ kind: "s3" }, { uri: "source" }],
  [{ kind: "s3", uri: "bucket/a" }, { uri: "uri" }],
  [{ kind: "s3", uri: "s3://bucket" }, {}],
  [{ kind: "ground-truth", uri: "s3://bucket/" }, { uri: "key" }],
  [{ kind: "ground-truth", uri: "s3://bucket/a.manifest" }, {}],
  [{ kind: "other", file: new File([], "a.zip"), images: "x" }, { images: "images" }],
  [{ kind: "other", uri: "s3://bucket/a.json", images: "s3://bucket/p/" }, {}],
])("%j has problems %j", (change, problems) => expect(problemsOf(form(change))).toEqual(problems));

it("makes the body of an import", () => {
  expect(importSource(form({ kind: "s3", uri: " s3://b/p/ " }), null)).toEqual({
    format: "s3-folder",
    uri: "s3://b/p/",
    folder_labels: true,
  });
  expect(importSource(form({ kind: "other", format: "yolo", uri: "s3://b/old" }), "s3://b/new.zip")).toEqual({
    format: "yolo",
    uri: "s3://b/new.zip",
    images: null,
    divided: false,
  });
});

it("divides archives only", () => {
  expect(canDivide(form({ kind: "other", file: new File([], "SET.ZIP") }))).toBe(true);
  expect(canDivide(form({ kind: "other", uri: "s3://b/set.zip " }))).toBe(true);
  expect(canDivide(form({ kind: "other", uri: "s3://b/set.json" }))).toBe(false);
  expect(canDivide(form({ kind: "ground-truth", uri: "s3://b/set.zip" }))).toBe(false);
});
