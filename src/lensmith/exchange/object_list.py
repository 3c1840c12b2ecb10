"""Lists the objects of a folder in S3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lensmith.exchange.failure import service_errors
from lensmith.exchange.services import Location

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def list_objects(s3: S3Client, folder: Location) -> Iterator[tuple[str, int, str]]:
    """Yield key, bytes and unquoted ETag of every object below a location."""
    with service_errors(f"list {folder}"):
        pages = s3.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=folder.bucket, Prefix=folder.key):
            for each in page.get("Contents", []):
                yield each["Key"], each["Size"], each["ETag"].strip('"')
