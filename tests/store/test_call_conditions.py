"""Condition keys of the server's own calls for a caller."""

from __future__ import annotations

from typing import Any

import pytest

from lensmith.store.call_conditions import conditions_of_call

OWNER = "111122223333"


@pytest.mark.parametrize(
    ("name", "members", "expected"),
    [
        ("GetObject", {"VersionId": "1"}, {"s3:versionid": "1"}),
        ("ListObjectsV2", {}, {"s3:prefix": ""}),
        ("ListObjectsV2", {"Prefix": "p/", "MaxKeys": 5}, {"s3:prefix": "p/", "s3:max-keys": "5"}),
        (
            "CreateBucket",
            {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}},
            {"s3:locationconstraint": "eu-west-1"},
        ),
        (
            "PutObject",
            {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "arn:k"},
            {
                "s3:objectcreationoperation": "true",
                "s3:x-amz-server-side-encryption": "aws:kms",
                "s3:x-amz-server-side-encryption-aws-kms-key-id": "arn:k",
            },
        ),
        ("UploadPart", {}, {"s3:objectcreationoperation": "false"}),
    ],
)
def test_keys(name: str, members: dict[str, Any], expected: dict[str, str]) -> None:
    common = {"aws:viaawsservice": "true", "s3:resourceaccount": OWNER}
    found = {key: value for key, (value,) in conditions_of_call(name, members, OWNER).items()}
    assert found == common | expected
