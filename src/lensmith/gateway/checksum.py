"""Checks the checksums that a client sends with a body."""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable, Mapping
from typing import Protocol

from lensmith.domain.s3_errors import S3Error

# Of x-amz-checksum-*; the store itself checks the others, for which Python has no fast code.
_LENGTHS = {"crc32": 4, "crc32c": 4, "crc64nvme": 8, "sha1": 20, "sha256": 32}
PREFIX = "x-amz-checksum-"


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


class _Crc32:
    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


def _md5() -> _Hash:
    return hashlib.md5(usedforsecurity=False)


def _sha1() -> _Hash:
    return hashlib.sha1(usedforsecurity=False)


_MAKERS: dict[str, Callable[[], _Hash]] = {
    "content-md5": _md5,
    f"{PREFIX}crc32": _Crc32,
    f"{PREFIX}sha1": _sha1,
    f"{PREFIX}sha256": hashlib.sha256,
}


class Checksums:
    """Computes what a request declares, in its headers or for its trailer."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        """Raises S3Error for a value that cannot be one."""
        self._expected = {name: _value(name, headers[name]) for name in _MAKERS if name in headers}
        self.trailer = headers.get("x-amz-trailer", "").strip().lower()
        wanted = {*self._expected, *({self.trailer} & _MAKERS.keys())}
        self._running = {name: _MAKERS[name]() for name in wanted}

    def update(self, piece: bytes) -> None:
        for each in self._running.values():
            each.update(piece)

    def check(self, trailers: Mapping[str, str]) -> None:
        """Raise S3Error unless the body is what was declared."""
        expected = dict(self._expected)
        if self.trailer:
            if self.trailer not in trailers:
                raise S3Error("InvalidRequest", f"The trailer {self.trailer[:64]!r} is missing.")
            if trailer_length(self.trailer) is not None:  # it goes on to the store
                value = _value(self.trailer, trailers[self.trailer])
                if self.trailer in self._running:
                    expected[self.trailer] = value
        for name, value in expected.items():
            if self._running[name].digest() != value:
                raise S3Error("BadDigest", f"The {name} you specified did not match the body.")


def trailer_length(name: str) -> int | None:
    """Return how many characters a checksum in a trailer has; None for one that is not known."""
    size = _LENGTHS.get(name.removeprefix(PREFIX)) if name.startswith(PREFIX) else None
    return None if size is None else -(-size // 3) * 4


def _value(name: str, text: str) -> bytes:
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _malformed(name) from error
    size = 16 if name == "content-md5" else _LENGTHS[name.removeprefix(PREFIX)]
    if len(value) != size or len(text) != -(-size // 3) * 4:
        raise _malformed(name)
    return value


def _malformed(name: str) -> S3Error:
    if name == "content-md5":
        return S3Error("InvalidDigest")
    return S3Error("BadDigest", f"The {name} you specified is not valid.")
