"""A head waits for its body for a moment, in which its client may leave."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import uvloop

from lensmith.api.fast_path.whole_replies import WholeReplies

HEAD, BODY = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n", b"body"


async def replied(*, is_gone: bool) -> tuple[bytes, list[dict[str, Any]]]:
    """What a client gets of a head and, unless it left before, of a body; errors of the loop."""
    loop = asyncio.get_running_loop()
    errors: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: errors.append(context))
    server, client = socket.socketpair()
    transport, _ = await loop.create_connection(asyncio.Protocol, sock=server)
    replies = WholeReplies(transport, loop)
    if is_gone:
        transport.abort()
        await asyncio.sleep(0)
    replies.write(HEAD)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    if not is_gone:
        replies.write(BODY)
        replies.close()
    client.setblocking(False)
    with client:
        received = b""
        while part := await loop.sock_recv(client, 1 << 16):
            received += part
    return received, errors


def test_a_head_whose_body_comes_late_is_sent_before_it() -> None:
    assert uvloop.run(replied(is_gone=False)) == (HEAD + BODY, [])


def test_a_client_that_left_before_a_body_is_no_fault() -> None:
    assert uvloop.run(replied(is_gone=True)) == (b"", [])
