import { expect, it } from "vitest";
import { firstLines } from "./preview-dialog.tsx";

it("shows the first lines of a manifest", () => {
  const text = '{"source-ref": "s3://b/a.jpg", "kind": 1, "kind-metadata": {}}\n\nnot JSON\n{"a": 1}\n';
  expect(firstLines(text, 2)).toEqual([
    { number: 1, sourceRef: "s3://b/a.jpg", attributes: "kind" },
    { number: 2, sourceRef: "not JSON", attributes: "" },
  ]);
});
