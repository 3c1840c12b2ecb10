"""Reads the images of a health check from S3: once each, in parallel, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import TYPE_CHECKING

from lensmith.domain.errors import (
    InvalidImageFormatException,
    ObjectForbidden,
    ObjectMissing,
    ObjectStoreError,
    OperationError,
)
from lensmith.domain.image_limits import MAX_IMAGE_BYTES
from lensmith.health.entry import ExpectedImage, ImageFacts
from lensmith.health.fingerprint import MIN_SIDE, fingerprint
from lensmith.inference.image import decode, read_header
from lensmith.manifest.line.entry import bucket_of, key_of
from lensmith.store.objects import is_refusal, read_object

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_READERS = 4  # images held in memory at once: up to 15 MB, and 250 MB while decoded, each
_WINDOW = 64  # images handed to the readers at once


def read_pictures(
    client: S3Client, images: Sequence[ExpectedImage]
) -> Iterator[tuple[ExpectedImage, ImageFacts | str]]:
    """Yield each image in order with its measurements, or the reason why it is unusable.

    Raises ObjectStoreError if the store fails for a reason other than the image.
    """
    with ThreadPoolExecutor(_READERS, thread_name_prefix="images") as readers:
        for start in range(0, len(images), _WINDOW):
            window = images[start : start + _WINDOW]
            read = readers.map(lambda image: _read(client, image.source_ref), window)
            yield from zip(window, read, strict=True)


def _read(client: S3Client, source_ref: str) -> ImageFacts | str:
    try:
        data = read_object(
            client, bucket_of(source_ref), key_of(source_ref), max_bytes=MAX_IMAGE_BYTES + 1
        )
    except ObjectForbidden:
        return "not readable with your rights"
    except ObjectMissing:
        return "missing"
    except ObjectStoreError as error:
        if is_refusal(error):
            return "refused by the object store"
        raise
    if len(data) > MAX_IMAGE_BYTES:
        return "larger than 15 MB"
    return _picture(data)


def _picture(data: bytes) -> ImageFacts | str:
    try:
        header = read_header(data)
        pixels = decode(data, header, at_least=(MIN_SIDE, MIN_SIDE))
    except InvalidImageFormatException:
        return "damaged, or neither PNG nor JPEG"
    except OperationError as error:
        return error.message
    return ImageFacts(header.width, header.height, sha256(data).digest(), fingerprint(pixels))
