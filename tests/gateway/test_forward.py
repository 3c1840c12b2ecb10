"""What the store sends goes on as fast as the client takes it; a silent store is answered for."""

from __future__ import annotations

import asyncio

import pytest
from tests.gateway.before_a_store import LOOPS, generous, head_of, request_for, run

from lensmith.gateway.http.connection import ClientConnection
from lensmith.gateway.http.store_connection import Patience
from lensmith.wire.connections import Connections

BOUND = 8 << 20
REPLIES = 8
SHORT = Patience(0.2, 0.2)


async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


@pytest.mark.parametrize("loop", LOOPS)
def test_a_silent_store_is_unavailable(loop: str) -> None:
    async def check(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: Connections
    ) -> None:
        for path in ("/b/k", "/b"):  # an object, a listing
            writer.write(request_for(path))
            head, length = await head_of(reader)
            assert head.startswith("HTTP/1.1 503 ")
            assert b"<Code>ServiceUnavailable</Code>" in await reader.readexactly(length)

    run(loop, silent, check, SHORT)


@pytest.mark.parametrize("loop", LOOPS)
def test_a_client_that_does_not_read_fills_no_memory(loop: str) -> None:
    async def check(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connections: Connections
    ) -> None:
        writer.write(request_for("/buffered") * REPLIES + request_for("/b/k") * 2)
        while not connections:
            await asyncio.sleep(0.01)
        (held,) = connections
        assert isinstance(held, ClientConnection)
        for _ in range(20):
            await asyncio.sleep(0.02)
            assert held.transport.get_write_buffer_size() < BOUND
        for _ in range(REPLIES + 2):
            _, left = await head_of(reader)
            while left:
                left -= len(await reader.read(min(left, 1 << 20)))
                assert held.transport.get_write_buffer_size() < BOUND

    run(loop, generous, check)
