"""Reads the body of a request whole, before it uses any thread or unit, within limits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive

from lensmith.api.fast_path.large_body import BODY_SINK, BodySink, StreamedBody, declared_length
from lensmith.api.request import Body
from lensmith.domain.errors import (
    RequestEntityTooLargeException,
    RequestTimeoutException,
    ThrottlingException,
)

BODY_LIMIT = 8 << 20  # bytes; an image of 5 MiB is about 6.7 MiB in base64

_MEMORY = 1 << 30  # bytes


@dataclass(frozen=True, slots=True)
class BodyLimits:
    max_bytes: int = BODY_LIMIT
    pause_seconds: float = 20.0  # of a client in the middle of its body
    seconds: float = 300.0  # for all of it; the largest body at 28 kB/s
    bytes_per_second: int = 4096  # on average, beyond a first pause

    def deadline(self, began: float, now: float, length: int) -> float:
        """Return when a body that has `length` bytes now, the last just come, is too slow."""
        earned = self.pause_seconds + length / self.bytes_per_second
        return min(now + self.pause_seconds, began + min(earned, self.seconds))


class BodyMemory:
    """Memory for all the bodies that are still coming. Bound to one event loop."""

    def __init__(self, size: int = _MEMORY) -> None:
        self._left = size

    @contextmanager
    def reserve(self) -> Iterator[Callable[[int], None]]:
        """Give a function that takes bytes until the block ends, or raises ThrottlingException."""
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


async def read_body(
    request: Request, limits: BodyLimits | None = None, memory: BodyMemory | None = None
) -> Body:
    """Read the whole body.

    Raises RequestEntityTooLargeException without holding more than `max_bytes`,
    RequestTimeoutException when it comes too slowly, ThrottlingException when the bodies that
    are coming leave no memory for it, and ClientDisconnect.
    """
    limits = limits or BodyLimits()
    if declared_length(request.scope["headers"]) > limits.max_bytes:
        raise _too_large(limits)
    # Popped to break a reference cycle (scope -> sink -> protocol -> scope).
    sink: BodySink | None = request.scope.get("state", {}).pop(BODY_SINK, None)
    try:
        with (memory or BodyMemory()).reserve() as take:
            if sink is None:
                return Body(await _collect(request.receive, limits, take))
            body = StreamedBody(take)
            sink(body)
            return await body.read(limits.deadline)
    except TimeoutError as error:
        raise RequestTimeoutException from error


async def _collect(receive: Receive, limits: BodyLimits, take: Callable[[int], None]) -> bytes:
    # Joined at the end: a buffer that grows is copied again and again on its way to megabytes.
    parts: list[bytes] = []
    length = 0
    now = asyncio.get_running_loop().time
    began = now()
    # One timer that is moved on: most bodies are there at once and never need it.
    async with asyncio.timeout_at(limits.deadline(began, began, 0)) as pause:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            part = message.get("body", b"")
            length += len(part)
            if length > limits.max_bytes:
                raise _too_large(limits)
            take(len(part))
            parts.append(part)
            if not message.get("more_body", False):
                return b"".join(parts)
            pause.reschedule(limits.deadline(began, now(), length))


def _too_large(limits: BodyLimits) -> RequestEntityTooLargeException:
    return RequestEntityTooLargeException(
        f"The request body is larger than {limits.max_bytes:,} bytes."
    )
