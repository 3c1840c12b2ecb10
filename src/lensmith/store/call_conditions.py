"""The condition keys of S3 that a call of boto3 has, as a request past the gateway would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_BY_MEMBER = {
    "ACL": "s3:x-amz-acl",
    "Delimiter": "s3:delimiter",
    "IfMatch": "s3:if-match",
    "IfNoneMatch": "s3:if-none-match",
    "MaxKeys": "s3:max-keys",
    "SSEKMSKeyId": "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "ServerSideEncryption": "s3:x-amz-server-side-encryption",
    "StorageClass": "s3:x-amz-storage-class",
    "VersionId": "s3:versionid",
}
_CREATES = {
    "CompleteMultipartUpload": "true",
    "CreateMultipartUpload": "false",
    "PutObject": "true",
    "UploadPart": "false",
}


def conditions_of_call(
    name: str, members: Mapping[str, Any], owner: str | None
) -> dict[str, tuple[str, ...]]:
    """Return the keys, in lower case, of a call that the server makes for a caller.

    It is a service that asks, as on AWS: no signature and no address of the caller reach S3.
    """
    keys: dict[str, tuple[str, ...]] = {
        key: (str(members[member]),) for member, key in _BY_MEMBER.items() if members.get(member)
    }
    keys["aws:viaawsservice"] = ("true",)
    if owner is not None:
        keys["s3:resourceaccount"] = (owner,)
    if name in _CREATES:
        keys["s3:objectcreationoperation"] = (_CREATES[name],)
    if name == "ListObjectsV2":
        keys["s3:prefix"] = (str(members.get("Prefix", "")),)
    place = members.get("CreateBucketConfiguration") or {}
    if place.get("LocationConstraint"):
        keys["s3:locationconstraint"] = (str(place["LocationConstraint"]),)
    return keys
