"""The body of a request: read whole before any thread or unit is taken, within limits."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import anyio
from starlette.requests import Request

from lensmith.domain.errors import RequestEntityTooLargeException, RequestTimeoutException

BODY_LIMIT = 8 << 20  # bytes; an image of 5 MiB is about 6.7 MiB in base64
LONGEST_PAUSE_SECONDS = 20.0  # of a client in the middle of its body
LONGEST_SECONDS = 300.0  # for all of it; the largest body at 28 kB/s


async def read_body(request: Request) -> bytes:
    """The whole body.

    Raises RequestEntityTooLargeException without holding more than 8 MiB,
    RequestTimeoutException when it comes too slowly, and ClientDisconnect.
    """
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > BODY_LIMIT:
        raise RequestEntityTooLargeException
    try:
        with anyio.fail_after(LONGEST_SECONDS):
            return await _collect(request.stream())
    except TimeoutError as error:
        raise RequestTimeoutException from error


async def _collect(stream: AsyncIterator[bytes]) -> bytes:
    body = io.BytesIO()  # hands over what it holds without copying it
    while True:
        with anyio.fail_after(LONGEST_PAUSE_SECONDS):
            chunk = await anext(stream, None)
        if chunk is None:
            return body.getvalue()
        if body.tell() + len(chunk) > BODY_LIMIT:
            raise RequestEntityTooLargeException
        body.write(chunk)
