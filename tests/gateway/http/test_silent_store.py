"""A store that hangs is given up, on both event loops: no client waits for it forever."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import uvloop
from tests.support.eventually import TIMEOUT_SECONDS

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.http.store_connection import Patience, StoreConnection
from lensmith.gateway.http.store_pool import StorePool

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
SHORT, PATIENT = Patience(0.2, 0.3), Patience()
GET = b"GET /k HTTP/1.1\r\nHost: store\r\n\r\n"
PUT = b"PUT /k HTTP/1.1\r\nHost: store\r\nContent-Length: 999999999\r\n\r\n"
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na"


async def no_head(pool: StorePool) -> None:
    for request in (GET, PUT):
        connection = await pool.take()
        connection.send(request)
        with pytest.raises(S3Error, match="ServiceUnavailable"):
            await connection.answer()
        assert not connection.is_open


async def _answering(pool: StorePool) -> StoreConnection:
    """A connection on which half an answer has come; only from then on is little time."""
    connection = await pool.take()
    connection.send(GET)
    connection._seconds = PATIENT.reading
    await connection.answer()
    connection._seconds = SHORT.reading
    return connection


async def half_a_body(pool: StorePool) -> None:
    connection = await _answering(pool)
    with pytest.raises(ConnectionResetError):
        await connection.relay(lambda _: None)
    assert not connection.is_open


async def _write_on(connection: StoreConnection) -> None:
    while True:
        await connection.write(bytes(1 << 20))


async def reads_nothing(pool: StorePool) -> None:
    connection = await pool.take()
    connection.prepare(PUT)
    with pytest.raises(S3Error, match="ServiceUnavailable"):
        await _write_on(connection)
    assert not connection.is_open


async def no_head_for_a_stream(pool: StorePool) -> None:
    stream, ended = await pool.open_stream(), asyncio.Event()
    heads = []

    def answered(head: bytes, _: memoryview) -> None:
        heads.append(head)
        ended.set()

    stream.ask(GET, answered)
    await ended.wait()
    assert heads == [b""]
    assert stream.was_silent


async def an_idle_stream_stays(pool: StorePool) -> None:
    stream = await pool.open_stream()
    await asyncio.sleep(2 * SHORT.reading)
    assert stream.is_idle
    stream.close()


async def a_paused_reader_is_no_silence(pool: StorePool) -> None:
    connection = await _answering(pool)
    pieces: list[bytes] = []

    def sink(piece: bytes) -> None:
        pieces.append(piece)
        connection.pause(True)

    relay = asyncio.create_task(connection.relay(sink))
    await asyncio.sleep(2 * SHORT.reading)
    assert not relay.done()
    connection.pause(False)
    with pytest.raises(ConnectionResetError):
        await relay


CASES: dict[str, tuple[bytes, Callable[[StorePool], Awaitable[None]]]] = {
    "no head": (b"", no_head),
    "half a body": (HALF, half_a_body),
    "reads nothing": (b"", reads_nothing),
    "no head for a stream": (b"", no_head_for_a_stream),
    "an idle stream stays": (b"", an_idle_stream_stays),
    "a paused reader is no silence": (HALF, a_paused_reader_is_no_silence),
}


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("case", CASES)
def test_a_silent_store(loop: str, case: str) -> None:
    said, check = CASES[case]

    async def with_store(path: Path) -> None:
        over = asyncio.Event()

        async def store(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(said)
            await over.wait()
            writer.close()

        server = await asyncio.start_unix_server(store, path)
        pool = StorePool(path, SHORT)
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                await check(pool)
        finally:
            pool.close()
            over.set()
            server.close()
            await asyncio.sleep(0.05)

    with (
        tempfile.TemporaryDirectory() as folder,
        asyncio.Runner(loop_factory=LOOPS[loop]) as runner,
    ):
        runner.run(with_store(Path(folder) / "s.sock"))
