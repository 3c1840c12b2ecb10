"""Buckets and objects as the console's storage browser sees them, with the caller's own rights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from lensmith.domain.bucket import Bucket as OwnedBucket
from lensmith.domain.caller import Caller
from lensmith.domain.clock import now_ms
from lensmith.domain.errors import BucketAlreadyExistsException, InvalidParameterException
from lensmith.domain.s3_key import is_ambiguous, is_inner
from lensmith.operations.call import Permission, Service
from lensmith.operations.lensmith.sessions import iso_time
from lensmith.operations.lensmith.store_answers import bucket_arn, object_arn, store_answers
from lensmith.store.records import buckets

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CHUNK = 256 << 10  # bytes of a download that are held at once
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Bucket:
    name: str
    created_at: str


@dataclass(frozen=True, slots=True)
class ListedObject:
    key: str
    size: int
    modified_at: str
    etag: str


@dataclass(frozen=True, slots=True)
class ObjectPage:
    """One folder: the folders in it, and its objects."""

    prefixes: list[str]
    objects: list[ListedObject]
    next: str | None  # what to pass as `token`


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An object that is read while it is sent."""

    size: int
    etag: str
    modified_at: datetime
    media_type: str
    content_range: str | None  # of a part
    parts: Iterator[bytes]


def on_buckets(action: str) -> Permission:
    return Permission(f"s3:{action}", "*", {}, {})


def on_bucket(action: str, bucket: str) -> Permission:
    return Permission(f"s3:{action}", bucket_arn(bucket), {}, {})


def on_object(action: str, bucket: str, key: str) -> Permission:
    return Permission(f"s3:{action}", object_arn(bucket, key), {}, {})


def list_buckets(service: Service, caller: Caller) -> list[Bucket]:
    """List the buckets of the caller's account; in an external store, those of the server."""
    if not service.settings.s3_endpoint_url:
        owned = service.records.read_cached(buckets.owned_by, caller.account_id)
        return [Bucket(each.name, iso_time(each.created_ms)) for each in owned]
    with store_answers():
        found = client_of(service, caller).list_buckets()["Buckets"]
    return [Bucket(each["Name"], _iso(each["CreationDate"])) for each in found]


def create_bucket(service: Service, caller: Caller, bucket: str) -> None:
    """Raises BucketAlreadyExistsException or InvalidBucketNameException."""
    region = service.settings.region
    placed: Any = (
        {}
        if region == "us-east-1"
        else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    )
    client = client_of(service, caller)
    if service.settings.s3_endpoint_url:
        with store_answers(bucket):
            client.create_bucket(Bucket=bucket, **placed)
        return
    _record_owner(service, caller, bucket)
    try:
        with store_answers(bucket):
            client.create_bucket(Bucket=bucket, **placed)
    except Exception:
        with service.records.write() as connection:
            buckets.remove(connection, bucket)
        raise


def _record_owner(service: Service, caller: Caller, bucket: str) -> None:
    """Say whose a new bucket is before it exists; raises BucketAlreadyExistsException."""
    made = OwnedBucket(bucket, caller.account_id, service.settings.region, now_ms())
    try:
        with service.records.write() as connection:
            buckets.add(connection, made)
    except IntegrityError as error:
        raise BucketAlreadyExistsException from error


def list_objects(
    service: Service, caller: Caller, bucket: str, prefix: str, token: str | None
) -> ObjectPage:
    """List a page of one folder; raises NoSuchBucketException."""
    after: Any = {"ContinuationToken": token} if token else {}
    with store_answers(bucket):
        found = client_of(service, caller).list_objects_v2(
            Bucket=bucket, Prefix=prefix, Delimiter="/", MaxKeys=_PAGE, **after
        )
    return ObjectPage(
        [each["Prefix"] for each in found.get("CommonPrefixes", [])],
        [
            ListedObject(
                each["Key"], each["Size"], _iso(each["LastModified"]), each["ETag"].strip('"')
            )
            for each in found.get("Contents", [])
            if each["Key"] != prefix  # the folder's own mark
        ],
        found.get("NextContinuationToken"),
    )


def open_file(
    service: Service, caller: Caller, bucket: str, key: str, byte_range: str | None = None
) -> StoredFile:
    """Begin to read an object, or the part that a Range header names; raises NoSuchKeyException."""
    asked: Any = {"Range": byte_range} if byte_range else {}
    with store_answers(bucket, key):
        found = client_of(service, caller).get_object(Bucket=bucket, Key=key, **asked)
    body = found["Body"]

    def parts() -> Iterator[bytes]:
        with closing(body):
            yield from body.iter_chunks(_CHUNK)

    return _file(found, parts())


def describe_file(service: Service, caller: Caller, bucket: str, key: str) -> StoredFile:
    """Read what `open_file` does, without content."""
    with store_answers(bucket, key):
        found = client_of(service, caller).head_object(Bucket=bucket, Key=key)
    return _file(found, iter(()))


def delete_object(service: Service, caller: Caller, bucket: str, key: str) -> None:
    with store_answers(bucket, key):
        client_of(service, caller).delete_object(Bucket=bucket, Key=key)


def client_of(service: Service, caller: Caller) -> S3Client:
    return service.objects.for_key(caller.access_key_id)


def refuse_odd_key(key: str) -> None:
    """Raises InvalidParameterException for a key that leads elsewhere, or is too long."""
    if not key or len(key.encode()) > 1024 or is_ambiguous(key) or is_inner(key):
        raise InvalidParameterException(
            "A key has 1 to 1,024 bytes, no part that is empty or a dot, no backslash, and does "
            "not name what the store keeps for itself."
        )


def _file(found: Any, parts: Iterator[bytes]) -> StoredFile:
    return StoredFile(
        found["ContentLength"],
        found["ETag"].strip('"'),
        found["LastModified"],
        found.get("ContentType") or "application/octet-stream",
        found.get("ContentRange"),
        parts,
    )


def _iso(moment: datetime) -> str:
    return iso_time(round(moment.timestamp() * 1000))
