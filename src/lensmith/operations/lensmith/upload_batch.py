"""Several new objects that come in one body: a line of JSON that names them, then their bytes.

A browser spends more on a request than on the bytes of a picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import md5
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from lensmith.domain.errors import (
    AccessDeniedException,
    InternalServerError,
    NoSuchBucketException,
    PreconditionFailedException,
    SerializationException,
    ServiceError,
    ValidationException,
)
from lensmith.operations.lensmith.upload import Upload

MAX_BATCH_BYTES = 8 << 20  # of the whole body
MAX_OBJECTS = 100
_MAX_LINE = 256 << 10  # bytes
_OF_THE_BUCKET = (AccessDeniedException, NoSuchBucketException)


class Named(Struct, frozen=True):
    """Describes an object of the batch."""

    key: Annotated[str, Meta(pattern=r"^[^\x00]+\Z")]
    size: Annotated[int, Meta(ge=0)]
    media_type: Annotated[str, Meta(pattern=r"^[ -~]{1,255}\Z")] = "application/octet-stream"
    again: bool = False
    """Sent before, without an answer: stored is also what is there already, if it is the same."""


class _FirstLine(Struct, frozen=True):
    objects: Annotated[list[Named], Meta(min_length=1, max_length=MAX_OBJECTS)]


class Refusal(Struct, frozen=True):
    code: str
    message: str
    status: int


class Result(Struct, frozen=True, omit_defaults=True):
    """Holds the ETag of one object, or why it was not stored."""

    etag: str | None = None
    error: Refusal | None = None


def read_batch(body: bytes) -> list[tuple[Named, memoryview]]:
    """Split a body into objects; raises SerializationException or ValidationException."""
    end = body.find(b"\n", 0, _MAX_LINE)
    end = min(len(body), _MAX_LINE) if end < 0 else end
    try:
        named = msgspec.json.decode(body[:end], type=_FirstLine).objects
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SerializationException(f"The first line is not as expected: {error}") from error
    if sum(each.size for each in named) != max(len(body) - end - 1, 0):
        raise ValidationException("The sizes of the objects do not add up to what was sent.")
    return list(_split(named, memoryview(body)[end + 1 :]))


def store_batch(
    batch: list[tuple[Named, memoryview]], upload_of: Callable[[Named], Upload]
) -> list[Result]:
    """Store each object unless its key is taken; returns what became of them, in their order.

    `upload_of` raises a ServiceError for an object that the caller may not store. After a failure
    of the store nothing more is tried. Raises AccessDeniedException or NoSuchBucketException where
    that is so for all objects.
    """
    results: list[Result] = []
    refused: list[ServiceError] = []
    for named, data in batch:
        try:
            results.append(Result(_stored(named, data, upload_of(named))))
        except InternalServerError as error:
            results += [_refused(error)] * (len(batch) - len(results))
            break
        except ServiceError as error:
            results.append(_refused(error))
            refused.append(error)
    if len(refused) == len(batch) and isinstance(refused[0], _OF_THE_BUCKET):
        raise refused[0]
    return results


def _split(named: list[Named], data: memoryview) -> Iterator[tuple[Named, memoryview]]:
    start = 0
    for each in named:
        yield each, data[start : start + each.size]
        start += each.size


def _stored(named: Named, data: memoryview, upload: Upload) -> str:
    try:
        return upload.put(bytes(data))
    except PreconditionFailedException:
        etag = md5(data, usedforsecurity=False).hexdigest()
        if named.again and upload.etag() == etag:
            return etag
        raise


def _refused(error: ServiceError) -> Result:
    return Result(error=Refusal(error.code, error.message, error.status))
