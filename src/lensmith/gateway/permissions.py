"""The IAM actions and resources that a request needs."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.grammar.address import Address, bucket_arn
from lensmith.gateway.grammar.operation import Operation
from lensmith.gateway.grammar.route import Query
from lensmith.gateway.http.request import Request
from lensmith.gateway.judge import Keys, Permission
from lensmith.gateway.services import JudgedBucket

_LISTS = frozenset({"s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"})
_WRITES = frozenset({"PutObject", "PostObject", "CopyObject", "CreateMultipartUpload"})
_READING = frozenset({"GET", "HEAD"})
_PIECES = frozenset({"CreateMultipartUpload", "UploadPart", "UploadPartCopy"})


def permissions_of(
    operation: Operation,
    named: Address,
    query: Query,
    request: Request,
    bucket: JudgedBucket | None,
) -> list[Permission]:
    """Return what an operation needs on what its path names; a copy's source is apart."""
    version = query.get("versionId", "")
    versioned = bool(version) and bool(operation.versioned_action)
    action = operation.versioned_action if versioned else operation.action
    if not action:
        return []
    keys: Keys = {"s3:versionid": (version,)} if version else {}
    if action == "s3:PutObject":
        keys["s3:objectcreationoperation"] = ("false" if operation.name in _PIECES else "true",)
    if action in _LISTS:
        keys |= _listing_keys(query)
    needed = [Permission(action, named.arn, bucket, keys)]
    headers = request.headers
    if operation.name in _WRITES:
        needed += _of_a_write(named, headers, bucket, keys)
    if "x-amz-bypass-governance-retention" in headers and operation.method not in _READING:
        needed.append(Permission("s3:BypassGovernanceRetention", named.arn, bucket, keys))
    if operation.name == "GetObjectAttributes":
        attributes = "s3:GetObjectVersionAttributes" if versioned else "s3:GetObjectAttributes"
        needed.append(Permission(attributes, named.arn, bucket, keys))
    return needed


def permission_to_read(source: Address, version: str, bucket: JudgedBucket | None) -> Permission:
    """Return what a copy needs on its source."""
    if version:
        return Permission("s3:GetObjectVersion", source.arn, bucket, {"s3:versionid": (version,)})
    return Permission("s3:GetObject", source.arn, bucket)


def permission_to_delete(
    bucket: JudgedBucket | None, name: str, key: str, version: str
) -> Permission:
    """Return what DeleteObjects needs for one of its keys."""
    resource = f"{bucket_arn(name)}/{key}"
    if version:
        return Permission("s3:DeleteObjectVersion", resource, bucket, {"s3:versionid": (version,)})
    return Permission("s3:DeleteObject", resource, bucket)


def tags_of(header: str) -> list[tuple[str, str]]:
    """Read x-amz-tagging: tags in the form of a query."""
    return parse_qsl(header, keep_blank_values=True)


def request_tag_keys(tags: Iterable[tuple[str, str]]) -> Keys:
    """Return the condition keys of the tags that a request gives to an object.

    Raises S3Error for two of one name, of which the store may keep the other; conditions know no
    case.
    """
    given = list(tags)
    keys: Keys = {f"s3:requestobjecttag/{name.lower()}": (text,) for name, text in given}
    if len(keys) < len(given):
        raise S3Error("InvalidTag", "Cannot provide multiple Tags with the same key.")
    return {**keys, "s3:requestobjecttagkeys": tuple(name for name, _ in given)} if given else {}


def _of_a_write(
    named: Address, headers: dict[str, str], bucket: JudgedBucket | None, keys: Keys
) -> list[Permission]:
    needed = []
    copies_tags = (
        "x-amz-copy-source" in headers and headers.get("x-amz-tagging-directive") != "REPLACE"
    )
    tagging = "" if copies_tags else headers.get("x-amz-tagging")
    if tagging:
        keys |= request_tag_keys(tags_of(tagging))
        needed.append(Permission("s3:PutObjectTagging", named.arn, bucket, keys))
    if "x-amz-acl" in headers or any(name.startswith("x-amz-grant-") for name in headers):
        needed.append(Permission("s3:PutObjectAcl", named.arn, bucket, keys))
    if "x-amz-object-lock-retain-until-date" in headers:
        needed.append(Permission("s3:PutObjectRetention", named.arn, bucket, keys))
    if "x-amz-object-lock-legal-hold" in headers:
        needed.append(Permission("s3:PutObjectLegalHold", named.arn, bucket, keys))
    return needed


def _listing_keys(query: Query) -> Keys:
    keys: Keys = {}
    for name in ("prefix", "delimiter", "max-keys"):
        if name in query:
            keys[f"s3:{name}"] = (query[name],)
    return keys
