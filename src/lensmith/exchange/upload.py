"""Uploads local images, without those already present."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lensmith.exchange.failure import ExchangeError, service_errors
from lensmith.exchange.object_list import list_objects
from lensmith.exchange.services import Location
from lensmith.exchange.staging import Upload

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_AT_ONCE = 8
_BATCH = 256  # uploads handed to the threads before any result is awaited

_Stored = dict[str, tuple[int, str]]  # key -> bytes, ETag


@dataclass(slots=True)
class Uploaded:
    sent: int = 0
    present: int = 0  # skipped: same size and same ETag


def make_bucket(s3: S3Client, bucket: str) -> None:
    """Create the bucket unless it is there. Raises ExchangeError when it cannot be used."""
    with service_errors(f"use the bucket {bucket}"):
        try:
            s3.head_bucket(Bucket=bucket)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
                raise
            _create_bucket(s3, bucket)


def upload(
    s3: S3Client, uploads: Sequence[Upload], folder: Location, done: Callable[[], None]
) -> Uploaded:
    """Send what the folder does not hold yet; `done` is called after each image.

    Raises ExchangeError when a file or the store fails; another run goes on from there.
    """
    result = Uploaded()
    stored = _stored(s3, folder)

    def send(one: Upload) -> bool:
        return _send(s3, one, stored)

    pending = iter(uploads)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while batch := list(islice(pending, _BATCH)):
            for was_sent in pool.map(send, batch):
                result.sent += was_sent
                result.present += not was_sent
                done()
    return result


def etag(path: Path) -> str:
    """Return the ETag that S3 gives an object put in one piece: its MD5."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _send(s3: S3Client, one: Upload, stored: _Stored) -> bool:
    """Send the file unless it is present; returns whether it was sent."""
    try:
        size = one.file.stat().st_size
        known = stored.get(one.target.key)
        if known is not None and known == (size, etag(one.file)):
            return False
        with service_errors(f"upload {one.file}"), one.file.open("rb") as body:
            s3.put_object(Bucket=one.target.bucket, Key=one.target.key, Body=body)
    except OSError as error:
        raise ExchangeError(f"Cannot read {one.file}: {error.strerror}") from error
    return True


def _stored(s3: S3Client, folder: Location) -> _Stored:
    return {key: (size, tag) for key, size, tag in list_objects(s3, folder)}


def _create_bucket(s3: S3Client, bucket: str) -> None:
    region = s3.meta.region_name
    if region == "us-east-1":
        s3.create_bucket(Bucket=bucket)
    else:
        s3.create_bucket(
            Bucket=bucket,
            CreateBucketConfiguration={"LocationConstraint": region},  # type: ignore[typeddict-item]
        )
