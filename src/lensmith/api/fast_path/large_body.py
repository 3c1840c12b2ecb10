"""A large body collected from its connection, past the HTTP parser."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import TypeAlias

from starlette.requests import ClientDisconnect

from lensmith.api.request import Body
from lensmith.domain.errors import ThrottlingException

_MAX_DIGITS = 20  # of a length; the parser takes none above 64 bits

BODY_SINK = "lensmith.body_sink"
"""In a request's state: the `BodySink` that a server may offer for a large body."""

Deadline: TypeAlias = Callable[[float, float, int], float]
"""Tells from the body's begin, its last chunk and its length so far until when more has to come."""


def declared_length(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """Return Content-Length, or 0 without one."""
    for name, value in headers:
        if name == b"content-length":
            digits = value.lstrip(b"0")  # Python reads no more than 4,300
            return int(digits[:_MAX_DIGITS]) if digits.isdigit() else 0
    return 0


class StreamedBody:
    """Collects a large body chunk by chunk without waking the application. Not thread-safe."""

    def __init__(self, take: Callable[[int], None]) -> None:
        """Build the receiver; `take` reserves memory for bytes, or raises ThrottlingException."""
        self._loop = loop = asyncio.get_running_loop()
        self._take = take
        self._now = loop.time
        self._last_chunk_at = self._began = loop.time()
        self._length = 0
        self._chunks: list[bytes] = []
        self._hash = sha256()
        self._body: asyncio.Future[Body] = loop.create_future()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, chunk: bytes, *, is_last: bool) -> None:
        """Append a chunk; dropped once the body was given up."""
        if self._body.done():
            return
        self._last_chunk_at = self._now()
        self._length += len(chunk)
        try:
            self._take(len(chunk))
        except ThrottlingException as error:
            self._fail(error)
            return
        self._chunks.append(chunk)
        self._hash.update(chunk)  # while it is in the processor's cache
        if is_last:
            self._body.set_result(Body(b"".join(self._chunks), self._hash.hexdigest()))

    def abort(self) -> None:
        """Fail the body because the client left."""
        if not self._body.done():
            self._fail(ClientDisconnect())

    async def read(self, deadline: Deadline) -> Body:
        """Wait for the whole body.

        Raises ThrottlingException, ClientDisconnect, and TimeoutError after its deadline.
        """
        self._watch(deadline)
        try:
            return await self._body
        finally:
            if self._timer is not None:
                self._timer.cancel()

    def _watch(self, deadline: Deadline) -> None:
        """Fail the body after its deadline, which moves with every chunk."""
        if self._body.done():
            return
        due = deadline(self._began, self._last_chunk_at, self._length)
        if due <= self._now():
            self._fail(TimeoutError())
        else:
            self._timer = self._loop.call_at(due, self._watch, deadline)

    def _fail(self, error: Exception) -> None:
        self._chunks.clear()
        self._body.set_exception(error)


BodySink: TypeAlias = Callable[[StreamedBody], None]
"""Feeds a `StreamedBody` with all chunks of a request's body."""
