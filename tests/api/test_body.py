"""Bodies that come at the same time, read piece by piece."""

from __future__ import annotations

import anyio
import pytest
from anyio.streams.memory import MemoryObjectReceiveStream
from starlette.requests import Request
from starlette.types import Message

from lensmith.api.body import BodyLimits, BodyMemory, read_body
from lensmith.domain.errors import RequestEntityTooLargeException, ThrottlingException


def request_of(pieces: MemoryObjectReceiveStream[Message]) -> Request:
    return Request({"type": "http", "method": "POST", "headers": []}, pieces.receive)


def piece(size: int, more: bool) -> Message:
    return {"type": "http.request", "body": b"x" * size, "more_body": more}


async def share(memory: BodyMemory, first: int, second: int) -> int:
    """A body comes whole while another has come in part; the length of both."""
    send, receive = anyio.create_memory_object_stream[Message](4)
    lengths = []

    async def slow() -> None:
        lengths.append(len((await read_body(request_of(receive), memory=memory)).data))

    with send, receive:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(slow)
            await send.send(piece(first, more=True))
            await anyio.wait_all_tasks_blocked()
            lengths.append(await whole(memory, second))
            await send.send(piece(0, more=False))
    return sum(lengths)


async def whole(memory: BodyMemory, size: int) -> int:
    send, receive = anyio.create_memory_object_stream[Message](1)
    with send, receive:
        await send.send(piece(size, more=False))
        return len((await read_body(request_of(receive), memory=memory)).data)


def test_bodies_that_are_still_coming_share_their_memory() -> None:
    memory = BodyMemory(100)
    for _ in range(3):
        assert anyio.run(share, memory, 60, 40) == 100
    with pytest.raises(ExceptionGroup) as refused:
        anyio.run(share, memory, 60, 41)
    assert refused.group_contains(ThrottlingException)
    assert anyio.run(whole, memory, 100) == 100


def test_a_body_over_its_limit_takes_no_memory() -> None:
    memory = BodyMemory(100)
    with pytest.raises(RequestEntityTooLargeException):
        anyio.run(too_large, memory)
    assert anyio.run(whole, memory, 100) == 100


async def too_large(memory: BodyMemory) -> None:
    send, receive = anyio.create_memory_object_stream[Message](2)
    with send, receive:
        await send.send(piece(8, more=True))
        await send.send(piece(8, more=False))
        await read_body(request_of(receive), BodyLimits(max_bytes=10), memory=memory)
