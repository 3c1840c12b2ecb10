"""Checks that images which stay where a source names them can be read there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from lensmith.exchange.services import Location
from lensmith.exchange.staging import Kept
from lensmith.manifest.convert.draft import Problem, ProblemKind

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def unreadable_buckets(s3: S3Client, kept: Mapping[str, Kept]) -> Iterator[Problem]:
    """Yield a problem for each bucket whose first image cannot be read, with the reason."""
    for bucket, images in kept.items():
        reason = _reason(s3, images.first)
        if reason is not None:
            where = f"{bucket}, {images.count} images: {reason}"
            yield Problem(ProblemKind.UNREADABLE_BUCKET, where)


def _reason(s3: S3Client, image: Location) -> str | None:
    try:
        s3.head_bucket(Bucket=image.bucket)
    except (ClientError, BotoCoreError) as error:
        return _said(error, "the bucket")
    try:
        s3.head_object(Bucket=image.bucket, Key=image.key)
    except (ClientError, BotoCoreError) as error:
        return _said(error, str(image))
    return None


def _said(error: ClientError | BotoCoreError, what: str) -> str:
    if not isinstance(error, ClientError):
        return str(error)
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    reasons = {403: "this key may not read it", 404: "not on this server"}
    return f"{what}, {reasons.get(status, f'HTTP status {status}')}"
