"""Large bodies on real connections pass the parser by, with the same result."""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send
from tests.api.served import served

from lensmith.api.body import BodyMemory, read_body
from lensmith.api.fast_path.http_protocol import HttpProtocol
from lensmith.domain.errors import ServiceError

LARGE = bytes(range(256)) * 4096


class Reader:
    """Answers with what it read, and whether the hash came with it."""

    def __init__(self) -> None:
        self.memory = BodyMemory(3 * len(LARGE))
        self.left = 0  # clients that did

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/refused":
            await JSONResponse({"code": "refused"})(scope, receive, send)
            return
        if scope["path"] == "/late":  # what came with the head has gone through the parser
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        try:
            body = await read_body(Request(scope, receive), memory=self.memory)
        except ClientDisconnect:
            self.left += 1
            return
        except ServiceError as error:
            await JSONResponse({"code": error.code})(scope, receive, send)
            return
        told = {"sha256": hashlib.sha256(body.data).hexdigest(), "known": body.sha256}
        await JSONResponse(told)(scope, receive, send)


@pytest.fixture(name="reader", scope="module")
def reader_fixture() -> Reader:
    return Reader()


@pytest.fixture(name="address", scope="module")
def address_fixture(reader: Reader) -> Iterator[tuple[str, int]]:
    with served(reader) as endpoint:
        parts = urlsplit(endpoint)
        yield str(parts.hostname), int(parts.port or 0)


@contextmanager
def connected(address: tuple[str, int]) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(*address, timeout=60)
    yield connection
    connection.close()


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def asked(
    connection: http.client.HTTPConnection, body: bytes, path: str = "/"
) -> dict[str, str | None]:
    connection.request("POST", path, body)
    answer: dict[str, str | None] = json.load(connection.getresponse())
    return answer


def test_large_and_small_bodies_take_turns_on_one_connection(address: tuple[str, int]) -> None:
    with connected(address) as connection:
        for body, known in [(LARGE, sha256(LARGE)), (b"small", None), (b"", None)] * 2:
            assert asked(connection, body) == {"sha256": sha256(body), "known": known}


@pytest.mark.parametrize("length", [(1 << 16) + 1, 1 << 17, len(LARGE)])
def test_a_body_may_be_asked_for_late_or_never(address: tuple[str, int], length: int) -> None:
    body = b"\r\n\r\n" + LARGE[4:length]
    found = {"sha256": sha256(body), "known": sha256(body)}
    with connected(address) as connection:
        for path, answer in [("/", found), ("/refused", {"code": "refused"}), ("/late", found)] * 2:
            assert asked(connection, body, path) == answer


def test_a_head_in_two_parts_with_its_body_is_one_request(address: tuple[str, int]) -> None:
    head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {len(LARGE)}\r\n\r\n".encode()
    for cut in (3, len(head) - 3, len(head) - 1, len(head)):
        with socket.create_connection(address, 60) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.sendall(head[:cut])
            client.sendall(head[cut:] + LARGE)
            reply = http.client.HTTPResponse(client)
            reply.begin()
            assert json.load(reply)["sha256"] == sha256(LARGE)


def test_requests_that_come_at_once_are_told_apart(address: tuple[str, int]) -> None:
    bodies = [LARGE, b"small", LARGE[1:], LARGE[2:]]
    heads = [f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n" for body in bodies]
    heads[-1] += "Connection: close\r\n"
    requests = [f"{head}\r\n".encode() + body for head, body in zip(heads, bodies, strict=True)]
    with socket.create_connection(address, 60) as client:
        client.sendall(b"".join(requests))
        replies = b"".join(iter(partial(client.recv, 1 << 16), b"")).decode()
    assert re.findall('"sha256":"(.*?)"', replies) == [sha256(body) for body in bodies]


def test_a_body_of_undeclared_length_goes_the_usual_way(address: tuple[str, int]) -> None:
    with connected(address) as connection:
        connection.request("POST", "/", iter([LARGE, LARGE]), encode_chunked=True)
        answer = json.load(connection.getresponse())
    assert answer == {"sha256": sha256(LARGE * 2), "known": None}


def test_a_body_of_two_lengths_is_refused(address: tuple[str, int]) -> None:
    """Or else a proxy and this server could take different bytes for the next request."""
    head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {len(LARGE)}\r\n"
    with socket.create_connection(address, 60) as client:
        client.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n".encode())
        assert client.recv(100).startswith(b"HTTP/1.1 400 ")


def test_a_client_that_waits_for_leave_gets_it(address: tuple[str, int]) -> None:
    head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {len(LARGE)}\r\n"
    with socket.create_connection(address, 60) as client:
        client.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        assert client.recv(100).startswith(b"HTTP/1.1 100 ")
        client.sendall(LARGE)
        reply = http.client.HTTPResponse(client)
        reply.begin()
        assert json.load(reply)["sha256"] == sha256(LARGE)


def test_a_body_beyond_the_memory_is_refused_and_the_connection_lives(
    address: tuple[str, int], reader: Reader
) -> None:
    with connected(address) as connection:
        with reader.memory.reserve() as take:
            take(2 * len(LARGE) + 1)
            assert asked(connection, LARGE) == {"code": "ThrottlingException"}
        assert asked(connection, LARGE)["sha256"] == sha256(LARGE)


def test_clients_that_leave_in_the_middle_are_noticed(
    address: tuple[str, int], reader: Reader
) -> None:
    before = reader.left
    head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {len(LARGE)}\r\n\r\n"
    for _ in range(5):
        with socket.create_connection(address, 60) as client, suppress(ConnectionError):
            client.sendall(head.encode() + LARGE[:-1])
            client.shutdown(socket.SHUT_WR)
            assert client.recv(1) == b""  # the server hung up
    with connected(address) as connection:  # their memory is free again
        assert asked(connection, LARGE)["sha256"] == sha256(LARGE)
    assert reader.left == before + 5


def test_zeros_before_a_length_are_no_fault(address: tuple[str, int]) -> None:
    head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {'0' * 5000}{len(LARGE)}\r\n\r\n"
    with socket.create_connection(address, 60) as client:
        client.sendall(head.encode() + LARGE)
        reply = http.client.HTTPResponse(client)
        reply.begin()
        assert json.load(reply)["sha256"] == sha256(LARGE)


def test_what_follows_an_upgrade_that_is_not_made_is_no_request(address: tuple[str, int]) -> None:
    """A proxy may take for its body what the parser takes for the next request."""
    body = b"GET /refused HTTP/1.1\r\nHost: x\r\n\r\n" * 2000
    head = "POST / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\nContent-Length: "
    replies = b""
    with socket.create_connection(address, 60) as client, suppress(ConnectionError):
        client.sendall(f"{head}{len(body)}\r\n\r\n".encode() + body)
        for part in iter(partial(client.recv, 1 << 16), b""):
            replies += part
    assert replies.count(b"HTTP/1.1 ") == 1
    assert replies.startswith(b"HTTP/1.1 200 ")


class Brief(HttpProtocol):
    """Keeps no connection alive for long."""

    def __init__(self, **uvicorn: Any) -> None:
        super().__init__(**uvicorn)
        self.timeout_keep_alive = 0


def test_a_client_that_is_answered_before_its_body_came_is_not_waited_for(reader: Reader) -> None:
    with served(reader, Brief) as endpoint:
        parts = urlsplit(endpoint)
        with socket.create_connection((str(parts.hostname), int(parts.port or 0)), 60) as client:
            head = f"POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: {len(LARGE)}\r\n\r\n"
            client.sendall(head.encode() + LARGE[: 60 << 10])
            replies = b"".join(iter(partial(client.recv, 1 << 16), b""))
    assert replies.count(b"HTTP/1.1 ") == 1
