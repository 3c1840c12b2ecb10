"""Bodies that come at the same time, read piece by piece."""

from __future__ import annotations

import anyio
import pytest
from anyio.streams.memory import MemoryObjectReceiveStream
from starlette.requests import Request
from starlette.types import Message

from lensmith.api.body import Room, read_body
from lensmith.domain.errors import RequestEntityTooLargeException, ThrottlingException


def request_of(pieces: MemoryObjectReceiveStream[Message]) -> Request:
    return Request({"type": "http", "method": "POST", "headers": []}, pieces.receive)


def piece(size: int, more: bool) -> Message:
    return {"type": "http.request", "body": b"x" * size, "more_body": more}


async def share(room: Room, first: int, second: int) -> int:
    """A body comes whole while another has come in part; the length of both."""
    send, receive = anyio.create_memory_object_stream[Message](4)
    lengths = []

    async def slow() -> None:
        lengths.append(len((await read_body(request_of(receive), room=room)).data))

    with send, receive:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(slow)
            await send.send(piece(first, more=True))
            await anyio.wait_all_tasks_blocked()
            lengths.append(await whole(room, second))
            await send.send(piece(0, more=False))
    return sum(lengths)


async def whole(room: Room, size: int) -> int:
    send, receive = anyio.create_memory_object_stream[Message](1)
    with send, receive:
        await send.send(piece(size, more=False))
        return len((await read_body(request_of(receive), room=room)).data)


def test_bodies_that_are_still_coming_share_their_room() -> None:
    room = Room(100)
    for _ in range(3):
        assert anyio.run(share, room, 60, 40) == 100
    with pytest.raises(ExceptionGroup) as refused:
        anyio.run(share, room, 60, 41)
    assert refused.group_contains(ThrottlingException)
    assert anyio.run(whole, room, 100) == 100


def test_a_body_over_its_limit_takes_no_room() -> None:
    room = Room(100)
    with pytest.raises(RequestEntityTooLargeException):
        anyio.run(too_large, room)
    assert anyio.run(whole, room, 100) == 100


async def too_large(room: Room) -> None:
    send, receive = anyio.create_memory_object_stream[Message](2)
    with send, receive:
        await send.send(piece(8, more=True))
        await send.send(piece(8, more=False))
        await read_body(request_of(receive), limit=10, room=room)
