"""The body of a request: read whole before any thread or unit is taken, within limits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeAlias

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive

from lensmith.domain.errors import (
    RequestEntityTooLargeException,
    RequestTimeoutException,
    ThrottlingException,
)

BODY_LIMIT = 8 << 20  # bytes; an image of 5 MiB is about 6.7 MiB in base64
LARGE_BODY = 512 << 10  # bytes; its checksum takes longer than another call may wait
LONGEST_PAUSE_SECONDS = 20.0  # of a client in the middle of its body
LONGEST_SECONDS = 300.0  # for all of it; the largest body at 28 kB/s

_ROOM = 1 << 30  # bytes

HAND_OVER = "lensmith.hand_over"
"""In a request's state: the `HandOver` that a server may offer for a large body."""


@dataclass(frozen=True, slots=True)
class Body:
    data: bytes = field(default=b"", repr=False)
    sha256: str | None = None  # in hex; None when it is yet to be computed


class Room:
    """Memory for all the bodies that are still coming; belongs to one event loop."""

    def __init__(self, size: int = _ROOM) -> None:
        self._left = size

    @contextmanager
    def of_a_body(self) -> Iterator[Callable[[int], None]]:
        """Takes so many bytes until the block ends, or raises ThrottlingException."""
        taken = 0

        def take(count: int) -> None:
            nonlocal taken
            if count > self._left:
                raise ThrottlingException
            self._left -= count
            taken += count

        try:
            yield take
        finally:
            self._left += taken


class Arrival:
    """A large body that comes in parts, for which nobody is woken; belongs to one event loop."""

    def __init__(self, take: Callable[[int], None]) -> None:
        """`take` makes room for so many bytes, or raises ThrottlingException."""
        loop = asyncio.get_running_loop()
        self._take = take
        self._now = loop.time
        self._heard_at = loop.time()
        self._parts: list[bytes] = []
        self._hash = sha256()
        self._body: asyncio.Future[Body] = loop.create_future()

    def add(self, part: bytes, *, is_last: bool) -> None:
        """The next part; it is let go when nobody waits for the body any more."""
        if self._body.done():
            return
        self._heard_at = self._now()
        try:
            self._take(len(part))
        except ThrottlingException as error:
            self._end(error)
            return
        self._parts.append(part)
        self._hash.update(part)  # while it is in the processor's cache
        if is_last:
            self._body.set_result(Body(b"".join(self._parts), self._hash.hexdigest()))

    def break_off(self) -> None:
        """The client left."""
        if not self._body.done():
            self._end(ClientDisconnect())

    async def body(self) -> Body:
        """The whole; raises ThrottlingException, ClientDisconnect, and TimeoutError if too slow."""
        last = self._now() + LONGEST_SECONDS
        while not self._body.done():
            left = min(self._heard_at + LONGEST_PAUSE_SECONDS, last) - self._now()
            if left <= 0:
                self._end(TimeoutError())
            await asyncio.wait([self._body], timeout=left)
        return self._body.result()

    def _end(self, error: Exception) -> None:
        self._parts.clear()
        self._body.set_exception(error)


HandOver: TypeAlias = Callable[[Arrival], None]
"""Gives an arrival all parts of a body."""


async def read_body(request: Request, limit: int = BODY_LIMIT, room: Room | None = None) -> Body:
    """The whole body.

    Raises RequestEntityTooLargeException without holding more than `limit` bytes,
    RequestTimeoutException when it comes too slowly, ThrottlingException when there is no room
    for it beside the others, and ClientDisconnect.
    """
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    # Taken out, because it refers to what refers to the scope.
    hand_over: HandOver | None = request.scope.get("state", {}).pop(HAND_OVER, None)
    try:
        with (room or Room()).of_a_body() as take:
            if hand_over is None:
                return Body(await _collect(request.receive, limit, take))
            arrival = Arrival(take)
            hand_over(arrival)
            return await arrival.body()
    except TimeoutError as error:
        raise RequestTimeoutException from error


async def _collect(receive: Receive, limit: int, take: Callable[[int], None]) -> bytes:
    # Joined at the end: a buffer that grows is copied again and again on its way to megabytes.
    parts: list[bytes] = []
    length = 0
    now = asyncio.get_running_loop().time
    last = now() + LONGEST_SECONDS
    # One timer that is moved on: most bodies are there at once and never need it.
    async with asyncio.timeout_at(min(now() + LONGEST_PAUSE_SECONDS, last)) as pause:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            part = message.get("body", b"")
            length += len(part)
            if length > limit:
                raise _too_large(limit)
            take(len(part))
            parts.append(part)
            if not message.get("more_body", False):
                return b"".join(parts)
            pause.reschedule(min(now() + LONGEST_PAUSE_SECONDS, last))


def _too_large(limit: int) -> RequestEntityTooLargeException:
    return RequestEntityTooLargeException(f"The request body is larger than {limit:,} bytes.")
