/** The policy with which the owner of a bucket lets an account import from it. */

const READ = [
  "s3:GetObject",
  "s3:GetObjectAcl",
  "s3:GetObjectVersion",
  "s3:GetObjectTagging",
] as const;

export function bucketPolicy(bucket: string, prefix: string, accountId: string): string {
  const Principal = { AWS: `arn:aws:iam::${accountId}:root` };
  const arn = `arn:aws:s3:::${bucket}`;
  const condition =
    prefix === "" ? {} : { Condition: { StringLike: { "s3:prefix": [`${prefix}*`] } } };
  const statements = [
    { Sid: "LensmithBucket", Action: ["s3:GetBucketAcl", "s3:GetBucketLocation"], Resource: arn },
    { Sid: "LensmithList", Action: "s3:ListBucket", Resource: arn, ...condition },
    { Sid: "LensmithRead", Action: READ, Resource: `${arn}/${prefix}*` },
  ];
  const policy = {
    Version: "2012-10-17",
    Statement: statements.map((each) => ({ Effect: "Allow", Principal, ...each })),
  };
  return JSON.stringify(policy, null, 2);
}
