from __future__ import annotations

import asyncio
import socket

import pytest
from tests.serving.machine import EventLoop

from lensmith.domain.precision import Precision, Served
from lensmith.serving.image_slot import UnitLostError, UnitLostWhileQueuedError
from lensmith.serving.remote import frames
from lensmith.serving.remote.credentials import credentials_of
from lensmith.serving.remote.tls import connecting_context
from lensmith.serving.remote.unit import RemoteUnit

WELCOME = frames.Welcome(7, {}, Served(Precision.FLOAT32, "onnxruntime", 0.01), slots=2)


def test_a_request_that_opens_a_connection_is_not_to_blame_for_silence(
    event_loop: EventLoop,
) -> None:
    """Nothing is accepted: connections open for the system, but nothing answers."""
    context = connecting_context(credentials_of(bytes(32)))

    async def ask(mute: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        remote = RemoteUnit(mute.getsockname(), context, WELCOME, loop)
        opening = asyncio.ensure_future(remote.predict(b"opens", 600))
        with pytest.raises(UnitLostError):
            await remote.predict(b"hangs", 0.05)
        mute.close()
        with pytest.raises(UnitLostWhileQueuedError):
            await opening

    with socket.create_server(("127.0.0.1", 0)) as mute:
        event_loop.run(ask(mute))


def test_a_picture_that_was_never_sent_keeps_its_retries(event_loop: EventLoop) -> None:
    """As where a busy machine is slow to greet."""
    context = connecting_context(credentials_of(bytes(32)))

    async def ask(address: tuple[str, int]) -> None:
        remote = RemoteUnit(address, context, WELCOME, asyncio.get_running_loop())
        with pytest.raises(UnitLostWhileQueuedError):
            await remote.predict(b"never sent", 600)

    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))  # and does not listen
        event_loop.run(ask(deaf.getsockname()))
