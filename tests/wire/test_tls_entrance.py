"""Handshakes that do not end: they end in time, and never in the way of those that do."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from pathlib import Path

import pytest
import uvloop
from tests.support.tls_proxy import certificates

from lensmith.wire.connections import Connections
from lensmith.wire.tls_entrance import TlsEntrance

LIMIT = 4
SECONDS = 2.0  # of a handshake; a busy machine takes tenths of one for those that go on


class Echo(asyncio.Protocol):
    """Counts as an open connection, as those of the servers do."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    @property
    def eviction_rank(self) -> tuple[bool, float] | None:
        return None

    def evict(self) -> None:
        raise AssertionError

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or transport.get_extra_info("sslcontext")
        assert self._connections.admit(self)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(data)  # type: ignore[attr-defined]

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
@pytest.mark.parametrize("begin", [b"", b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\r\n\r\n"])
def test_silent_clients_end_and_others_are_served(
    run: Callable[..., None], begin: bytes, tmp_path: Path
) -> None:
    ca, chain = certificates(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    connections = Connections(LIMIT)

    async def work() -> None:
        server = await asyncio.get_running_loop().create_server(
            lambda: TlsEntrance(lambda: Echo(connections), context, connections, SECONDS),
            "127.0.0.1",
            0,
        )
        port = server.sockets[0].getsockname()[1]
        await asyncio.to_thread(attack, port, ca)
        server.close()
        while len(connections):
            await asyncio.sleep(0.01)

    def attack(port: int, ca: Path) -> None:
        silent = []
        for _ in range(3 * LIMIT):
            silent.append(socket.create_connection(("127.0.0.1", port), 10))
            silent[-1].sendall(begin)
        trusting = ssl.create_default_context(cafile=str(ca))
        with (
            socket.create_connection(("127.0.0.1", port), 10) as plain,
            trusting.wrap_socket(plain, server_hostname="127.0.0.1") as client,
        ):
            client.sendall(b"at once")  # with the end of the handshake
            assert client.recv(100) == b"at once"
            assert len(connections) <= LIMIT
            for one in silent:
                assert ended(one)
            client.sendall(b"still")
            assert client.recv(100) == b"still"
            assert len(connections) == 1

    in_a_thread(run, work())


def in_a_thread(run: Callable[..., None], work: Coroutine[None, None, None]) -> None:
    """Run a coroutine; uvloop may never close the loop of one whose TLS is being shut down."""
    finished: Future[asyncio.Task[None]] = Future()

    async def watched() -> None:
        task = asyncio.create_task(work)
        await asyncio.wait([task])
        finished.set_result(task)

    threading.Thread(target=run, args=(watched(),), daemon=True).start()
    finished.result().result()


def ended(client: socket.socket) -> bool:
    """Wait until the server hangs up; it may say why before."""
    with client:
        try:
            while client.recv(4096):
                pass
        except ConnectionError:
            return True
    return True
