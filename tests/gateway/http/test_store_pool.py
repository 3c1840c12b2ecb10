"""Connections to the store between two requests, over a Unix socket and both event loops."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.gateway.before_a_store import LARGE, LOOPS, generous, in_loop
from tests.support.eventually import TIMEOUT_SECONDS

from lensmith.gateway.http.store_pool import StorePool

REQUEST = b"GET /k HTTP/1.1\r\nHost: store\r\n\r\n"


@pytest.mark.parametrize("loop", LOOPS)
def test_a_connection_whose_last_answer_was_paused_answers_again(loop: str) -> None:
    in_loop(loop, _ask_twice)


async def _ask_twice(folder: Path) -> None:
    path = folder / "s.sock"
    begun = asyncio.Event()

    async def store(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na")
            await begun.wait()
            writer.write(b"b")
        writer.close()

    server = await asyncio.start_unix_server(store, path)
    pool = StorePool(path)
    first = await pool.take()

    def sink(piece: bytes) -> None:
        begun.set()
        if piece == b"b":
            first.pause(True)  # as a client does that takes the end of a reply later

    try:
        first.send(REQUEST)
        await first.answer()
        await first.relay(sink)
        pool.give_back(first)
        assert await pool.take() is first
        first.send(REQUEST)
        async with asyncio.timeout(TIMEOUT_SECONDS):
            assert (await first.answer()).status == 200
            assert await first.read_all(2) == b"ab"
    finally:
        first.close()
        server.close()
        await asyncio.sleep(0.01)  # the store's side ends


@pytest.mark.parametrize("loop", LOOPS)
def test_a_reader_that_pauses_at_once_gets_no_more(loop: str) -> None:
    in_loop(loop, _relay_paused)


async def _relay_paused(folder: Path) -> None:
    async def store(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await generous(reader, writer)
        writer.close()

    path = folder / "s.sock"
    server = await asyncio.start_unix_server(store, path)
    connection = await StorePool(path).take()
    connection.send(REQUEST)
    await connection.answer()
    received, begun = 0, asyncio.Event()

    def sink(piece: bytes) -> None:
        nonlocal received
        if not received:
            connection.pause(True)
            begun.set()
        received += len(piece)

    relay = asyncio.create_task(connection.relay(sink))
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await begun.wait()
        await asyncio.sleep(0.3)  # in which all of it would come
        assert received < LARGE // 8
    finally:
        connection.close()
        await asyncio.wait((relay,))
        server.close()
        await asyncio.sleep(0.05)  # the store's side ends
    assert isinstance(relay.exception(), ConnectionResetError)
