"""Small objects in memory, which were read before.

The store is asked for an object's head at every read, and a body goes out only under a head that
names it: nothing outlives a write, a deletion or another version, also one past the gateway.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import NamedTuple

_MAX_BODY = 1 << 20
_OVERHEAD = 1024  # bytes of an entry beside its body and path
_SHARE = 4  # a quarter of the bytes kept at most is of copies that are not whole yet
_TURNS = 16  # of objects that would push others out, one of these does


class CachedObject(NamedTuple):
    """A body, and the lines of its head that name it: ETag, date, version."""

    identity: tuple[bytes, ...]
    body: bytes


class ObjectCopy:
    """Gathers a body that is on its way to a client, and its MD5."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._body = bytearray()
        self._md5 = hashlib.md5(usedforsecurity=False)

    def feed(self, piece: bytes | memoryview) -> None:
        self._body += piece
        self._md5.update(piece)

    def whole(self, etag: bytes) -> bytes | None:
        """Return the body; None unless all came and its MD5 is the ETag."""
        if len(self._body) != self._length or self._md5.hexdigest().encode() != etag:
            return None
        return bytes(self._body)


class ObjectCache:
    """Keeps bodies by the store's path; the longest unread go first."""

    def __init__(self, max_bytes: int) -> None:
        """`max_bytes` is for all bodies and what is known of them; 0 keeps nothing."""
        self._max_bytes = max_bytes
        self._bytes = 0
        self._turn = 0
        self._copied = 0  # bytes of the copies that are made at this moment
        self._objects: OrderedDict[str, CachedObject] = OrderedDict()

    def find(self, path: str) -> CachedObject | None:
        found = self._objects.get(path)
        if found is not None:
            self._objects.move_to_end(path)
        return found

    def reserve(self, path: str, length: int) -> bool:
        """Return whether to copy an object of that length; `release` follows at the copy's end.

        Where it pushes others out, few are: else one reading of many objects would cost each a
        copy, and push out those that are read again and again.
        """
        cost = _cost(path, length)
        copied = self._copied + length
        if not 0 < length <= _MAX_BODY or max(cost, copied * _SHARE) > self._max_bytes:
            return False
        if self._bytes + cost > self._max_bytes:
            self._turn = (self._turn + 1) % _TURNS
            if self._turn:
                return False
        self._copied = copied
        return True

    def release(self, length: int) -> None:
        self._copied -= length

    def keep(self, path: str, kept: CachedObject) -> None:
        self.forget(path)
        self._objects[path] = kept
        self._bytes += _cost(path, len(kept.body))
        while self._bytes > self._max_bytes:
            self.forget(next(iter(self._objects)))

    def forget(self, path: str) -> None:
        left = self._objects.pop(path, None)
        if left is not None:
            self._bytes -= _cost(path, len(left.body))


def _cost(path: str, length: int) -> int:
    return len(path) + length + _OVERHEAD
