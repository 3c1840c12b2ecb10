"""The gateway's forwarding of GetObject and listings before a store that a test writes."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvloop
from tests.support.eventually import TIMEOUT_SECONDS

from lensmith.config import Settings
from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.exchange import Exchange
from lensmith.gateway.forward import forward
from lensmith.gateway.grammar.address import Hosts, find_address
from lensmith.gateway.grammar.route import find_operation, read_query
from lensmith.gateway.http.connection import ClientConnection
from lensmith.gateway.http.error_reply import error_reply
from lensmith.gateway.http.proxies import TrustedProxies
from lensmith.gateway.http.reply import Reply
from lensmith.gateway.http.request import Request
from lensmith.gateway.http.store_connection import Patience
from lensmith.gateway.http.store_pool import StorePool
from lensmith.gateway.http.store_request import StoreSigner
from lensmith.gateway.object_cache import ObjectCache
from lensmith.gateway.services import Services
from lensmith.gateway.signer import ANONYMOUS
from lensmith.store.audit.trail import AuditTrail
from lensmith.store.records.engine import Records
from lensmith.wire.connections import ClientLimits, Connections

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
PATIENT = Patience()
LARGE = 64 << 20  # bytes
BUFFERED = bytes(4 << 20)  # the reply to /buffered, which no store is asked for

Store = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Check = Callable[[asyncio.StreamReader, asyncio.StreamWriter, Connections], Awaitable[None]]


def in_loop(loop: str, work: Callable[[Path], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine in an event loop of that name, with a folder of its own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        asyncio.Runner(loop_factory=LOOPS[loop]) as runner,
    ):
        runner.run(work(Path(folder)))


async def generous(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer a request with a large body; a store."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % LARGE)
    with contextlib.suppress(ConnectionError):
        for _ in range(LARGE >> 20):
            writer.write(bytes(1 << 20))
            await writer.drain()


def run(
    loop: str,
    store: Store,
    check: Check,
    patience: Patience = PATIENT,
    data_events: Sequence[str] = (),
) -> None:
    """Run a check against a gateway before a store; `check` gets a client's ends.

    With the data events `objects`, objects do not go from socket to socket.
    """
    in_loop(loop, lambda folder: _through(folder, store, patience, check, data_events))


def request_for(path: str, *headers: str) -> bytes:
    lines = "".join(f"{header}\r\n" for header in headers)
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n".encode()


async def head_of(reader: asyncio.StreamReader) -> tuple[str, int]:
    """Read the head of a reply; returns it and the length of the body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    _, _, length = head.lower().partition("content-length: ")
    return head, int(length.split("\r\n")[0])


@asynccontextmanager
async def _services(
    folder: Path, store: Store, patience: Patience, data_events: Sequence[str]
) -> AsyncIterator[Services]:
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
        yield Services(
            settings,
            records,
            pool,
            signer,
            Hosts(["localhost"]),
            ("us-east-1",),
            turn=None,
            audit=AuditTrail(folder, data_events),
            cache=ObjectCache(settings.s3_cache_bytes),
        )
    finally:
        pool.close()
        records.close()
        server.close()
        await asyncio.sleep(0.05)


async def _through(
    folder: Path, store: Store, patience: Patience, check: Check, data_events: Sequence[str]
) -> None:
    async with _services(folder, store, patience, data_events) as services:

        async def answer(request: Request, client: ClientConnection) -> None:
            if request.path == "/buffered":
                client.reply(request, Reply(200, [], BUFFERED))
                return
            address = find_address("localhost", request.path, services.hosts)
            query = read_query(request.query)
            operation = find_operation("GET", address.level, query, {})
            exchange = Exchange(
                services, request, client, operation, address, query, ANONYMOUS, None, []
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
            async with asyncio.timeout(TIMEOUT_SECONDS):
                await check(reader, writer, connections)
        finally:
            writer.close()
            server.close()
