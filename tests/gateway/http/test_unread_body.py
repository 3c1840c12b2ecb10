"""A body that was refused unread: what follows on the connection, or that nothing may."""

from __future__ import annotations

import asyncio

from tests.support.eventually import TIMEOUT_SECONDS

from lensmith.gateway.http.connection import ClientConnection
from lensmith.gateway.http.proxies import TrustedProxies
from lensmith.gateway.http.reply import Reply
from lensmith.gateway.http.request import HIGH_WATER, Request
from lensmith.wire.connections import ClientLimits, Connections

BODY = bytes(HIGH_WATER + 4096)
PUT = b"PUT /k HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(BODY)
GET = b"GET /k HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def refused(request: Request, connection: ClientConnection) -> None:
    while not request.body.complete:
        await asyncio.sleep(0.01)
    connection.reply(request, Reply(403, [], b""))
    await connection.drain()


def test_the_request_after_an_unread_body_is_answered() -> None:
    assert asyncio.run(_answers()) == [b"HTTP/1.1 403 Forbidden\r\n"] * 2


async def _answers() -> list[bytes]:
    server = await asyncio.get_running_loop().create_server(
        lambda: ClientConnection(refused, Connections(10), ClientLimits(), TrustedProxies()),
        "127.0.0.1",
        0,
    )
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    lines = []
    async with asyncio.timeout(TIMEOUT_SECONDS):
        for request in (PUT + BODY, GET):
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            lines.append(head.splitlines(keepends=True)[0])
    writer.close()
    server.close()
    return lines


def test_a_reply_before_the_body_says_that_the_connection_ends() -> None:
    """Else it would send its next request on a connection that is being closed."""
    head, rest = asyncio.run(_answer_before_the_body())
    assert b"\r\nConnection: close\r\n" in head
    assert rest == b""


async def at_once(request: Request, connection: ClientConnection) -> None:
    connection.reply(request, Reply(403, [], b""))


async def _answer_before_the_body() -> tuple[bytes, bytes]:
    server = await asyncio.get_running_loop().create_server(
        lambda: ClientConnection(at_once, Connections(10), ClientLimits(), TrustedProxies()),
        "127.0.0.1",
        0,
    )
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    async with asyncio.timeout(TIMEOUT_SECONDS):
        writer.write(PUT)
        head = await reader.readuntil(b"\r\n\r\n")
        rest = await reader.read()
    writer.close()
    server.close()
    return head, rest
