"""A client that takes nothing of its reply is let go."""

from __future__ import annotations

import asyncio
import socket
import threading

from tests.support.eventually import TIMEOUT_SECONDS

from lensmith.gateway.http.connection import ClientConnection
from lensmith.gateway.http.object_stream import ObjectStream, new_buffer
from lensmith.gateway.http.proxies import TrustedProxies
from lensmith.gateway.http.reply import Reply
from lensmith.gateway.http.request import Request
from lensmith.wire.connections import ClientLimits, Connections

REQUEST = b"GET /k HTTP/1.1\r\nHost: localhost\r\n\r\n"
LARGE = bytes(32 << 20)


async def written(request: Request, connection: ClientConnection) -> None:
    connection.reply(request, Reply(200, [], LARGE))
    await connection.drain()


async def passed_on(_: Request, connection: ClientConnection) -> None:
    """Answer as with an object that the store has ready."""
    store, ours = socket.socketpair()
    ours.setblocking(False)
    threading.Thread(target=_send_all, args=(store,), daemon=True).start()
    stream = ObjectStream(ours, new_buffer(), lambda _: connection.finish(), 60.0)
    connection.abandoned = stream.close
    connection.reply_goes_on()
    client = connection.raw_socket()
    assert client is not None
    nothing = memoryview(b"")
    stream.pass_on(b"", nothing, len(LARGE), client, connection.stalled, lambda _: None)


def _send_all(store: socket.socket) -> None:
    with store:
        try:
            store.sendall(LARGE)
        except OSError:
            return


def test_a_reply_that_is_not_read_ends() -> None:
    for answer in (written, passed_on):
        assert asyncio.run(_received_of_a_stalled_reply(answer)) < len(LARGE)


async def _received_of_a_stalled_reply(answer: object) -> int:
    connections = Connections(10)
    limits = ClientLimits(seconds=0.2, stall_seconds=0.5)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: ClientConnection(answer, connections, limits, TrustedProxies()),  # type: ignore[arg-type]
        "127.0.0.1",
        0,
    )
    client = socket.create_connection(server.sockets[0].getsockname())
    client.sendall(REQUEST)  # before the server's clock for it begins
    reader, writer = await asyncio.open_connection(sock=client, limit=1024)
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while not connections:
            await asyncio.sleep(0.01)
        while connections:  # until the server lets go
            await asyncio.sleep(0.05)
    received = 0
    try:
        while piece := await reader.read(1 << 20):
            received += len(piece)
    except ConnectionResetError:
        pass
    writer.close()
    server.close()
    return received
