"""Pictures of a unit of another server share its connections: each fails, or waits, alone."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from tests.serving.machine import EventLoop

from lensmith.domain.image_limits import MAX_IMAGE_BYTES
from lensmith.domain.precision import Precision, Served
from lensmith.serving.image_slot import UnitLostError, UnitLostWhileQueuedError
from lensmith.serving.protocol import Answer
from lensmith.serving.remote import frames
from lensmith.serving.remote.capacity import Capacity
from lensmith.serving.remote.credentials import credentials_of
from lensmith.serving.remote.listener import Listener
from lensmith.serving.remote.tls import accepting_context, connecting_context
from lensmith.serving.remote.unit import RemoteUnit
from lensmith.serving.unit import UnitReply

CREDENTIALS = credentials_of(bytes(32))
VERSION = 7


@contextmanager
def answering(answer: Callable[[bytes], Answer], slots: int) -> Iterator[tuple[str, int]]:
    """A unit without a process; yields its address."""
    welcome = frames.Welcome(VERSION, {}, Served(Precision.FLOAT32, "onnxruntime", 0.01), slots)
    listening = socket.create_server(("127.0.0.1", 0))
    found: tuple[str, int] = listening.getsockname()
    capacity = Capacity(slots, prefetch=slots)
    context = accepting_context(CREDENTIALS)
    listener = Listener(listening, context, welcome, lambda image: answer(bytes(image)), capacity)
    listener.start()
    try:
        yield found
    finally:
        listener.close(20)


def test_a_picture_that_hangs_is_alone_to_blame(event_loop: EventLoop) -> None:
    over = threading.Event()

    def answer(_: bytes) -> Answer:
        over.wait()
        return Answer(())

    async def ask_both(place: tuple[str, int]) -> tuple[object, object]:
        remote = await RemoteUnit.connect(place, connecting_context(CREDENTIALS), VERSION)
        both = (remote.predict(b"hangs", 0.2), remote.predict(b"waits behind it", 600))
        return await asyncio.gather(*both, return_exceptions=True)

    with answering(answer, slots=1) as place:
        hung, waited = event_loop.run(ask_both(place))
        over.set()
    assert type(hung) is UnitLostError
    assert type(waited) is UnitLostWhileQueuedError


def test_a_connection_that_breaks_takes_no_other_with_it(event_loop: EventLoop) -> None:
    has_begun, over = threading.Event(), threading.Event()

    def answer(_: bytes) -> Answer:
        has_begun.set()
        over.wait()
        return Answer(())

    async def ask_both(place: tuple[str, int]) -> UnitReply:
        remote = await RemoteUnit.connect(place, connecting_context(CREDENTIALS), VERSION)
        slow = asyncio.ensure_future(remote.predict(b"slow", 600))
        await asyncio.to_thread(has_begun.wait)
        with pytest.raises(UnitLostError):
            await remote.predict(bytes(MAX_IMAGE_BYTES + 1), 600)
        remote.lose()
        over.set()
        reply = await slow
        with pytest.raises(UnitLostError):
            await remote.predict(b"late", 600)
        return reply

    with answering(answer, slots=2) as place:
        assert event_loop.run(ask_both(place)).timed.reply == Answer(())
