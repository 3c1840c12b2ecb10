"""One reading of an object, and what memory has to do with it."""

from __future__ import annotations

from collections.abc import Callable

from lensmith.gateway.http.reply import Headers
from lensmith.gateway.object_cache import CachedObject, ObjectCache, ObjectCopy
from lensmith.gateway.object_head import ObjectHead

# Headers with which the store sends the object as without them, whole.
_PLAIN = frozenset({"cache-control", "content-type", "x-amz-checksum-mode"})
_NO_CACHE = ObjectCache(0)

Feed = Callable[[bytes | memoryview], None]


class ObjectReading:
    """Gives the body that is in memory, or copies into memory the one that comes from the store."""

    def __init__(self, cache: ObjectCache, path: str, query: str, headers: Headers) -> None:
        """`query` and `headers` are the store's: with most of them memory is left alone."""
        is_plain = not query and all(name in _PLAIN for name, _ in headers)
        self._cache = cache if is_plain else _NO_CACHE
        self._path = path
        self._cached = self._cache.find(path)
        self._copy: ObjectCopy | None = None

    @property
    def method(self) -> str:
        """The store is asked by HEAD for what is in memory."""
        return "GET" if self._cached is None else "HEAD"

    def body(self, head: ObjectHead) -> bytes | None:
        """Return the body from memory if the answer to HEAD names it; else it is forgotten."""
        cached, self._cached = self._cached, None
        if cached is not None and head.names(cached.identity, len(cached.body)):
            return cached.body
        self._cache.forget(self._path)
        return None

    def begin_copy(self, head: ObjectHead) -> Feed | None:
        """Return what takes the pieces of a body that is to be in memory; `end_copy` follows."""
        if not head.etag or not self._cache.reserve(self._path, head.length):
            return None
        self._copy, self._head = ObjectCopy(head.length), head
        return self._copy.feed

    def end_copy(self) -> None:
        """Keep the body if all of it came."""
        copy, self._copy = self._copy, None
        if copy is None:
            return
        self._cache.release(self._head.length)
        body = copy.whole(self._head.etag)
        if body is not None:
            self._cache.keep(self._path, CachedObject(self._head.identity, body))
