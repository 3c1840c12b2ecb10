"""Clients that want to cost much: refused early, ended in time, and never in a signer's way."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from functools import partial
from itertools import chain, repeat
from urllib.parse import urlsplit

import pytest
from starlette.responses import PlainTextResponse
from tests.api.served import served
from tests.support.eventually import until
from tests.support.live_server import LiveServer, running_server

from lensmith.server.limited_protocol import LimitedProtocol
from lensmith.wire.connections import ClientLimits, Connections

FILES = 256
HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\n"
MEGABYTE = b"x" * (1 << 20)
HEALTH = b"GET /_lensmith/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(name="small", scope="module")
def small_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that waits a second for its clients."""
    with running_server(tmp_path_factory.mktemp("small"), LENSMITH_CLIENT_TIMEOUT="1") as live:
        yield live


@pytest.fixture(name="narrow", scope="module")
def narrow_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that may open few files; of its clients none leaves by itself."""
    live = LiveServer(
        tmp_path_factory.mktemp("narrow"),
        given={"LENSMITH_CLIENT_TIMEOUT": "600"},
        wrapper=("prlimit", f"--nofile={FILES}:{FILES}"),
    )
    live.start()
    yield live
    assert live.stop() == 0, live.log.read_text()


def connected(server: LiveServer, port: int = 0) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port or server.port), 60)


def reply_to(server: LiveServer, parts: Iterator[bytes], port: int = 0) -> tuple[bytes, int]:
    """The first bytes of the reply to what is sent until the server hangs up, and how many."""
    sent = 0
    with connected(server, port) as client:
        with suppress(ConnectionError):
            for part in parts:
                client.sendall(part)
                sent += len(part)
        with suppress(ConnectionError):
            return client.recv(100), sent
    return b"", sent


def status_of(server: LiveServer, head: bytes) -> bytes:
    with connected(server) as client:
        client.sendall(head)
        return client.recv(100).split(b"\r\n")[0]


@pytest.mark.parametrize(
    "begin",
    [b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ", b"GET /", b"GET / HTTP/1.1\r\n", b"\r\n"],
    ids=["value", "target", "name", "request line"],
)
def test_an_endless_head_is_refused(server: LiveServer, begin: bytes) -> None:
    reply, sent = reply_to(server, chain([begin], repeat(MEGABYTE, 64)))
    assert reply.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 "))
    assert sent < 20 << 20  # more than that no buffers of the system take


def test_a_head_that_comes_in_pieces_is_refused_at_its_limit(
    server: LiveServer, small: LiveServer
) -> None:
    begin = b"GET / HTTP/1.1\r\nHost: localhost\r\nX: "
    reply, _ = reply_to(small, chain([begin], repeat(b"x" * 1024, 63)))
    assert reply == b""  # not yet: it ends for want of the rest
    reply, _ = reply_to(server, chain([begin], repeat(b"x" * 1024, 64)))
    assert reply.startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("begin", [b"0\r\nX: ", b"1;"], ids=["trailer", "chunk extension"])
def test_an_endless_trailer_or_extension_ends_the_connection(
    server: LiveServer, begin: bytes
) -> None:
    _, sent = reply_to(server, chain([CHUNKED + begin], repeat(MEGABYTE, 64)))
    assert sent < 20 << 20


def test_headers_are_counted(server: LiveServer) -> None:
    def head(count: int) -> bytes:
        lines = b"".join(b"X-%d: 1\r\n" % number for number in range(count - 1))
        return b"GET /_lensmith/health HTTP/1.1\r\nHost: localhost\r\n" + lines + b"\r\n"

    assert status_of(server, head(100)) == b"HTTP/1.1 200 OK"
    assert status_of(server, head(101)) == b"HTTP/1.1 431 Request Header Fields Too Large"
    logged = server.log.stat().st_size
    with connected(server) as client:  # with what follows it, in one packet
        client.sendall(head(101) + bytes(60 << 10))
        reply = b"".join(iter(partial(client.recv, 1 << 16), b""))
    assert reply.startswith(b"HTTP/1.1 431 ")
    assert b"Fatal error" not in server.log.read_bytes()[logged:]  # of a second refusal


def test_large_heads_and_bodies_are_told_apart(server: LiveServer) -> None:
    head = HEAD + b"Content-Length: %d\r\n\r\n" % (70 << 10)
    with connected(server) as client:
        client.sendall(head[:20])
        assert status_of(server, HEALTH) == b"HTTP/1.1 200 OK"  # by now the first has come, alone
        client.sendall(head[20:] + b"{}" * (35 << 10))
        assert client.recv(100).startswith(b"HTTP/1.1 40")


SILENT = {
    "nothing": b"",
    "half a head": HEAD,
    "no body": HEAD + b"Content-Length: 10\r\n\r\n",
    "half a body": HEAD + b"Content-Length: 10\r\n\r\nx",
    "half a large body": HEAD + b"Content-Length: 100000\r\n\r\nx",
    "answered": HEALTH,
}
DRIPPING = {
    **SILENT,
    "lines": b"\r\n",
    "chunks": CHUNKED,
    "body of an answered request": b"GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n",
}


@pytest.mark.parametrize("begin", SILENT.values(), ids=SILENT)
def test_a_silent_connection_ends(small: LiveServer, begin: bytes) -> None:
    with connected(small) as client:
        client.sendall(begin)
        assert len(b"".join(iter(partial(client.recv, 1 << 16), b""))) < 2000


@pytest.mark.parametrize("begin", DRIPPING.values(), ids=DRIPPING)
def test_a_dripping_connection_ends(small: LiveServer, begin: bytes) -> None:
    drop = {DRIPPING["lines"]: b"\r\n", CHUNKED: b"1\r\nx\r\n"}.get(begin, b"x")

    def is_over() -> bool:
        try:
            client.sendall(drop)
        except ConnectionError:
            return True
        return False

    with connected(small) as client:
        client.sendall(begin)
        until(is_over, message="it still drips")


def test_idle_connections_leave_room_for_those_who_sign(narrow: LiveServer) -> None:
    rekognition = narrow.rekognition()
    rekognition.describe_projects()
    with ExitStack() as opened:
        for _ in range(FILES + 50):
            opened.enter_context(connected(narrow))
        until(lambda: "connections at their limit" in narrow.log.read_text())
        rekognition.describe_projects()  # on its connection, or on a new one
        narrow.rekognition().describe_projects()
    assert "Traceback" not in narrow.log.read_text()


def test_the_call_in_work_is_never_the_one_that_goes() -> None:
    class Fake:
        def __init__(self, rank: tuple[bool, float] | None) -> None:
            self.eviction_rank = rank
            self.is_evicted = False

        def evict(self) -> None:
            self.is_evicted = True

    busy, caller, newer, older = (
        Fake(rank) for rank in (None, (True, 1.0), (False, 3.0), (False, 2.0))
    )
    connections = Connections(limit=4)
    assert all(connections.admit(one) for one in (busy, caller, newer, older))
    others = [Fake(None) for _ in range(4)]
    assert [connections.admit(one) for one in others] == [True, True, True, False]
    assert [one.is_evicted for one in (busy, caller, newer, older)] == [False, True, True, True]


def test_a_client_that_takes_no_reply_is_left() -> None:
    connections = Connections(limit=10)
    protocol = partial(LimitedProtocol, ClientLimits(seconds=3), connections)
    with served(PlainTextResponse("x" * (64 << 20)), protocol) as endpoint:
        address = urlsplit(endpoint)
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
        connection.request("GET", "/")
        reply = connection.getresponse()
        until(lambda: len(connections) == 0)
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            reply.read()
        connection.close()


@pytest.mark.parametrize(
    "begin", [b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ", b"GET /", CHUNKED + b"0\r\nX: "]
)
def test_s3_refuses_what_has_no_end(server: LiveServer, begin: bytes) -> None:
    reply, sent = reply_to(server, chain([begin], repeat(MEGABYTE, 64)), server.s3_port)
    assert reply.startswith(b"HTTP/1.1 4")
    assert sent < 20 << 20


@pytest.mark.parametrize("begin", [b"", HEAD])
def test_s3_ends_connections_that_are_silent_or_drip(small: LiveServer, begin: bytes) -> None:
    def is_over() -> bool:
        try:
            dripping.sendall(b"x")
        except ConnectionError:
            return True
        return False

    with connected(small, small.s3_port) as silent, connected(small, small.s3_port) as dripping:
        silent.sendall(begin)
        with suppress(ConnectionError):
            assert silent.recv(100) == b""
        dripping.sendall(HEAD)
        until(is_over, message="it still drips")


def test_s3_keeps_room_for_those_who_sign(narrow: LiveServer) -> None:
    with ExitStack() as opened:
        for _ in range(FILES + 50):
            opened.enter_context(connected(narrow, narrow.s3_port))
        assert "Buckets" in narrow.s3().list_buckets()
