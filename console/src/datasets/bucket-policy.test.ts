import { expect, it } from "vitest";
import { bucketPolicy } from "./bucket-policy.ts";

it("lets an account read a folder of a bucket, and list that folder only", () => {
  const { Statement: statements } = JSON.parse(bucketPolicy("farm", "apples/", "000000000000"));
  expect(statements.map(({ Effect, Resource }: Record<string, unknown>) => [Effect, Resource])).toEqual([
    ["Allow", "arn:aws:s3:::farm"],
    ["Allow", "arn:aws:s3:::farm"],
    ["Allow", "arn:aws:s3:::farm/apples/*"],
  ]);
  expect(statements[1].Condition).toEqual({ StringLike: { "s3:prefix": ["apples/*"] } });
  expect(statements[2].Principal).toEqual({ AWS: "arn:aws:iam::000000000000:root" });
});

it("of a whole bucket has no condition", () => {
  expect(bucketPolicy("farm", "", "000000000000")).not.toContain("Condition");
});
