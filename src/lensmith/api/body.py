"""The body of a request: read whole before any thread or unit is taken, within limits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive

from lensmith.domain.errors import (
    RequestEntityTooLargeException,
    RequestTimeoutException,
    ThrottlingException,
)

BODY_LIMIT = 8 << 20  # bytes; an image of 5 MiB is about 6.7 MiB in base64
LONGEST_PAUSE_SECONDS = 20.0  # of a client in the middle of its body
LONGEST_SECONDS = 300.0  # for all of it; the largest body at 28 kB/s

_ROOM = 1 << 30  # bytes


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


async def read_body(request: Request, limit: int = BODY_LIMIT, room: Room | None = None) -> bytes:
    """The whole body.

    Raises RequestEntityTooLargeException without holding more than `limit` bytes,
    RequestTimeoutException when it comes too slowly, ThrottlingException when there is no room
    for it beside the others, and ClientDisconnect.
    """
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    try:
        with (room or Room()).of_a_body() as take:
            return await _collect(request.receive, limit, take)
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
