"""Serves pictures of objects: upright, as thumbnails or whole, thumbnails cached."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import TypeVar

from lensmith.domain.caller import Caller
from lensmith.domain.errors import (
    ImageTooLargeException,
    InvalidImageFormatException,
    InvalidParameterException,
    PictureUnreadableException,
)
from lensmith.domain.image_limits import MAX_IMAGE_BYTES
from lensmith.operations.call import Permission, Service
from lensmith.operations.lensmith.store_answers import object_arn, store_answers
from lensmith.operations.lensmith.unreadable_pictures import UnreadablePictures
from lensmith.store.picture_cache import PictureCache

MIN_SIDE, MAX_SIDE = 16, 2048  # pixels of a thumbnail

T = TypeVar("T")

_AT_ONCE = 2  # thumbnails that are made
_NICENESS = 10  # of the threads that make them


@dataclass(frozen=True, slots=True)
class PictureAddress:
    bucket: str
    key: str

    def to_read(self) -> Permission:
        return Permission("s3:GetObject", object_arn(self.bucket, self.key), {}, {})


@dataclass(frozen=True, slots=True)
class Picture:
    etag: str
    data: bytes = field(repr=False)
    media_type: str


class Pictures:
    """Makes pictures two at a time at low priority, and keeps the small ones on disk.

    What decodes them is imported with the first: NumPy takes a tenth of a server's start.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        settings = service.settings
        self._cache = PictureCache(settings.pictures_directory, settings.picture_cache_bytes)
        self._unreadable = UnreadablePictures()
        self._makers = ThreadPoolExecutor(_AT_ONCE, "pictures", _yield_to_others)

    def etag(self, caller: Caller, address: PictureAddress) -> str:
        """Read the object's ETag, if the store lets the caller read it.

        Raises NoSuchKeyException, PictureUnreadableException or AccessDeniedException.
        """
        with store_answers(address.bucket, address.key):
            client = self._service.objects.for_key(caller.access_key_id)
            head = client.head_object(Bucket=address.bucket, Key=address.key)
        if head["ContentLength"] > MAX_IMAGE_BYTES:
            raise PictureUnreadableException(
                f"The object has {head['ContentLength']:,} bytes, a picture at most "
                f"{MAX_IMAGE_BYTES:,}.",
                reason="IMAGE_TOO_LARGE",
            )
        return head["ETag"].strip('"')

    def small(self, caller: Caller, address: PictureAddress, etag: str, side: int) -> Picture:
        """Make an upright JPEG of at most `side` pixels; raises as `etag` does."""
        from lensmith.inference.thumbnail import thumbnail

        key = (address.bucket, address.key, etag, str(side))
        data = self._cache.get(
            key,
            lambda: self._make(
                (address, etag), lambda: thumbnail(self._read(caller, address, etag), side)
            ),
        )
        return Picture(etag, data, "image/jpeg")

    def whole(self, caller: Caller, address: PictureAddress, etag: str) -> Picture:
        """Read the file, turned upright if needed; raises as `etag` does."""
        from lensmith.inference.thumbnail import upright_file

        self._unreadable.refuse((address, etag))
        data = self._read(caller, address, etag)
        return Picture(etag, *self._make((address, etag), lambda: upright_file(data)))

    def _make(self, picture: tuple[PictureAddress, str], make: Callable[[], T]) -> T:
        self._unreadable.refuse(picture)
        try:
            return self._makers.submit(make).result()
        # The last: too small, or too long.
        except (
            InvalidImageFormatException,
            ImageTooLargeException,
            InvalidParameterException,
        ) as error:
            self._unreadable.note(picture, error.message, error.code)
            raise PictureUnreadableException(error.message, reason=error.code) from error

    def _read(self, caller: Caller, address: PictureAddress, etag: str) -> bytes:
        with store_answers(address.bucket, address.key):
            client = self._service.objects.for_key(caller.access_key_id)
            answer = client.get_object(Bucket=address.bucket, Key=address.key, IfMatch=f'"{etag}"')
            with closing(answer["Body"]) as body:
                return body.read(MAX_IMAGE_BYTES)


def _yield_to_others() -> None:
    """Give way to calls: on Linux a niceness is of one thread."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
