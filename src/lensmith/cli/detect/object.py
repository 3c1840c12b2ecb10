"""Objects in S3, read for one look."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from lensmith.cli.detect.failure import DetectError, PictureError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from lensmith.exchange.services import Location


def read_object(s3: S3Client, place: Location, limit: int) -> bytes:
    """Raises PictureError for what is larger, missing or forbidden, DetectError without S3."""
    with _naming_failures():
        answer = s3.get_object(Bucket=place.bucket, Key=place.key)
        if answer["ContentLength"] > limit:
            raise PictureError(f"Larger than {limit >> 20} MiB.")
        return answer["Body"].read()


def copy_object(s3: S3Client, place: Location, file: IO[bytes]) -> None:
    """Copy an object of any size into a file; raises as `read_object` does."""
    with _naming_failures():
        shutil.copyfileobj(s3.get_object(Bucket=place.bucket, Key=place.key)["Body"], file)
    file.flush()


@contextmanager
def _naming_failures() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        raise PictureError(f"S3 does not give it: {error}") from error
    except BotoCoreError as error:
        raise DetectError(f"S3 does not answer: {error}") from error
