"""What the store sends goes on as fast as the client takes it; a silent store is answered for."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvloop

from lensmith.config import Settings
from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.exchange import Exchange
from lensmith.gateway.forward import forward
from lensmith.gateway.grammar.address import Hosts, find_address
from lensmith.gateway.grammar.route import find_operation
from lensmith.gateway.http.connection import ClientConnection
from lensmith.gateway.http.error_reply import error_reply
from lensmith.gateway.http.proxies import TrustedProxies
from lensmith.gateway.http.reply import Reply
from lensmith.gateway.http.request import Request
from lensmith.gateway.http.store_connection import Patience
from lensmith.gateway.http.store_pool import StorePool
from lensmith.gateway.http.store_request import StoreSigner
from lensmith.gateway.services import Services
from lensmith.gateway.signer import ANONYMOUS
from lensmith.store.records.engine import Records
from lensmith.wire.connections import ClientLimits, Connections

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
LARGE = 64 << 20
BOUND = 8 << 20
_REPLIES = 8
SHORT = Patience(0.2, 0.2)

Store = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Check = Callable[[asyncio.StreamReader, asyncio.StreamWriter, Connections], Awaitable[None]]


def request_for(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def generous(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % LARGE)
    try:
        for _ in range(LARGE >> 20):
            writer.write(bytes(1 << 20))
            await writer.drain()
    except ConnectionError:
        return


@asynccontextmanager
async def gateway(folder: Path, store: Store, patience: Patience) -> AsyncIterator[Services]:
    """Serve a store of that behaviour at s.sock."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await store(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_unix_server(serve, folder / "s.sock")
    records = Records.open(f"sqlite:///{folder / 'records.db'}")
    pool = StorePool(folder / "s.sock", patience)
    signer = StoreSigner("key", "secret", "us-east-1")
    settings = Settings(folder)
    try:
        yield Services(settings, records, pool, signer, Hosts(["localhost"]), ("us-east-1",), None)
    finally:
        pool.close()
        records.close()
        server.close()
        await asyncio.sleep(0.05)


async def through(folder: Path, store: Store, patience: Patience, check: Check) -> None:
    async with gateway(folder, store, patience) as services:

        async def answer(request: Request, client: ClientConnection) -> None:
            if request.path == "/buffered":
                client.reply(request, Reply(200, [], bytes(LARGE // 16)))
                return
            address = find_address("localhost", request.path, services.hosts)
            operation = find_operation("GET", address.level, {}, {})
            exchange = Exchange(
                services, request, client, operation, address, {}, ANONYMOUS, None, []
            )
            try:
                await forward(exchange)
            except S3Error as error:
                client.reply(request, error_reply(error, request.path, ""))

        connections = Connections(10)
        server = await asyncio.get_running_loop().create_server(
            lambda: ClientConnection(answer, connections, ClientLimits(), TrustedProxies()),
            "127.0.0.1",
            0,
        )
        address = server.sockets[0].getsockname()
        reader, writer = await asyncio.open_connection(*address, limit=1 << 16)
        try:
            async with asyncio.timeout(20):
                await check(reader, writer, connections)
        finally:
            writer.close()
            server.close()


async def _is_refused(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: Connections
) -> None:
    for path in ("/b/k", "/b"):  # an object, a listing
        writer.write(request_for(path))
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503 ")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        assert b"<Code>ServiceUnavailable</Code>" in await reader.readexactly(length)


async def _is_bounded(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connections: Connections
) -> None:
    """Ask for more, unread, than the gateway may hold; then read it all."""
    writer.write(request_for("/buffered") * _REPLIES + request_for("/b/k") * 2)
    while not connections:
        await asyncio.sleep(0.01)
    (held,) = connections
    assert isinstance(held, ClientConnection)
    for _ in range(20):
        await asyncio.sleep(0.02)
        assert held.transport.get_write_buffer_size() < BOUND
    for _ in range(_REPLIES + 2):
        head = await reader.readuntil(b"\r\n\r\n")
        left = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        while left:
            left -= len(await reader.read(min(left, 1 << 20)))
            assert held.transport.get_write_buffer_size() < BOUND


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize(
    ("store", "patience", "check"),
    [(silent, SHORT, _is_refused), (generous, Patience(), _is_bounded)],
    ids=["silent", "generous"],
)
def test_forward(loop: str, store: Store, patience: Patience, check: Check) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        asyncio.Runner(loop_factory=LOOPS[loop]) as runner,
    ):
        runner.run(through(Path(folder), store, patience, check))
