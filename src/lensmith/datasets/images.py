"""Reads the images of datasets from S3: once each, in parallel, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

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
from lensmith.health.scene_look import SceneLook, scene_look, taken_at
from lensmith.inference.image import Header, Pixels, decode, read_header
from lensmith.manifest.line.entry import bucket_of, key_of
from lensmith.store.objects import is_refusal, read_object

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_T = TypeVar("_T")

_READERS = 4  # images held in memory at once: up to 15 MB, and 250 MB while decoded, each
_WINDOW = 64  # images handed to the readers at once


def read_pictures(
    client: S3Client, images: Sequence[ExpectedImage]
) -> Iterator[tuple[ExpectedImage, ImageFacts | str]]:
    """Yield each image in order with its measurements, or the reason why it is unusable.

    Raises ObjectStoreError if the store fails for a reason other than the image.
    """
    facts = _read_each(client, [image.source_ref for image in images], _facts)
    yield from zip(images, facts, strict=True)


def read_looks(client: S3Client, source_refs: Sequence[str]) -> Iterator[SceneLook | None]:
    """Yield the look of each image in order; None for one that is unusable.

    Raises ObjectStoreError if the store fails for a reason other than the image.
    """
    for look in _read_each(client, source_refs, _look):
        yield None if isinstance(look, str) else look


def _read_each(
    client: S3Client, source_refs: Sequence[str], describe: Callable[[bytes, Header, Pixels], _T]
) -> Iterator[_T | str]:
    """Yield what `describe` makes of each image, or the reason why it is unusable."""
    with ThreadPoolExecutor(_READERS, thread_name_prefix="images") as readers:
        for start in range(0, len(source_refs), _WINDOW):
            window = source_refs[start : start + _WINDOW]
            yield from readers.map(lambda source_ref: _read(client, source_ref, describe), window)


def _read(
    client: S3Client, source_ref: str, describe: Callable[[bytes, Header, Pixels], _T]
) -> _T | str:
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
    try:
        header = read_header(data)
        pixels = decode(data, header, at_least=(MIN_SIDE, MIN_SIDE))
    except InvalidImageFormatException:
        return "damaged, or neither PNG nor JPEG"
    except OperationError as error:
        return error.message
    return describe(data, header, pixels)


def _facts(data: bytes, header: Header, pixels: Pixels) -> ImageFacts:
    return ImageFacts(header.width, header.height, sha256(data).digest(), fingerprint(pixels))


def _look(data: bytes, _: Header, pixels: Pixels) -> SceneLook:
    return scene_look(pixels, taken_at(data))
