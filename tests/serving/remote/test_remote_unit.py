"""A unit that other servers reach by TCP: real processes, real TLS, hostile peers."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil
import pytest
from tests.serving.machine import EventLoop
from tests.support.artefacts import average_colour
from tests.support.eventually import until
from tests.support.suspended import suspend

from lensmith.domain.errors import InvalidImageFormatException
from lensmith.domain.image_limits import MAX_IMAGE_BYTES
from lensmith.serving.image_slot import UnitLostError
from lensmith.serving.protocol import Answer, Busy
from lensmith.serving.remote import frames
from lensmith.serving.remote.credentials import credentials_of
from lensmith.serving.remote.tls import accepting_context, connecting_context
from lensmith.serving.remote.unit import RemoteUnit
from lensmith.serving.unit import Unit, UnitReply
from lensmith.serving.unit_command import Listening

OURS, FOREIGN = credentials_of(bytes(32)), credentials_of(bytes(31) + b"\1")
VERSION = 7
HOST = "127.0.0.1"


@pytest.fixture(scope="module")
def unit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Unit]:
    folder = tmp_path_factory.mktemp("remote")
    launched = launch(folder)
    yield launched
    launched.shut_down()
    assert launched.wait() == 0
    assert (folder / "log").read_text() == ""


def launch(folder: Path, threads: int = 1, burden: int = 0) -> Unit:
    average_colour(folder / "model", burden=burden)
    listening = Listening(HOST, OURS, VERSION)
    unit = Unit.launch(folder / "model", threads, folder / "log", listening=listening)
    unit.await_ready(60)
    return unit


def address(unit: Unit) -> tuple[str, int]:
    assert unit.port is not None
    return HOST, unit.port


@asynccontextmanager
async def connected(unit: Unit) -> AsyncIterator[RemoteUnit]:
    remote = await RemoteUnit.connect(address(unit), connecting_context(OURS), VERSION)
    try:
        yield remote
    finally:
        remote.kill()
        await asyncio.sleep(0)


async def ask(unit: Unit, image: bytes) -> UnitReply:
    async with connected(unit) as remote:
        return await remote.predict(image, 20)


def test_every_server_derives_the_same_certificate() -> None:
    assert credentials_of(bytes(32)) == OURS != FOREIGN


def test_a_picture_is_answered(unit: Unit, red: bytes, event_loop: EventLoop) -> None:
    prediction = event_loop.run(ask(unit, red)).prediction()
    assert prediction.detections[0].name == "red"
    assert prediction.thresholds["blue"] == 0.7


def test_what_is_no_picture_is_refused_and_the_next_is_answered(
    unit: Unit, red: bytes, event_loop: EventLoop
) -> None:
    async def both() -> tuple[UnitReply, UnitReply]:
        async with connected(unit) as remote:
            return await remote.predict(b"no pixels", 20), await remote.predict(red, 20)

    refused, answered = event_loop.run(both())
    with pytest.raises(InvalidImageFormatException):
        refused.prediction()
    assert answered.prediction().detections[0].name == "red"


@pytest.mark.parametrize("size", [MAX_IMAGE_BYTES, 1])
def test_the_largest_and_the_smallest_file_arrive(
    unit: Unit, event_loop: EventLoop, size: int
) -> None:
    with pytest.raises(InvalidImageFormatException):
        event_loop.run(ask(unit, bytes(size))).prediction()


def test_a_server_of_another_installation_is_refused(unit: Unit, event_loop: EventLoop) -> None:
    with pytest.raises(UnitLostError):
        event_loop.run(RemoteUnit.connect(address(unit), connecting_context(FOREIGN), VERSION))


def test_a_server_without_a_certificate_is_refused(unit: Unit) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(address(unit)) as connection,
        pytest.raises(ssl.SSLError, match="CERTIFICATE_REQUIRED"),
        context.wrap_socket(connection) as secure,
    ):
        secure.recv(1)


@pytest.mark.parametrize("credentials", [FOREIGN, OURS])
def test_an_impostor_gets_no_picture(credentials: bytes, event_loop: EventLoop) -> None:
    """One without the secret fails the handshake; a wrong greeting, or version, is not taken."""

    async def meet() -> None:
        async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"\0\0\0\5hello")
            writer.close()

        context = accepting_context(credentials)
        async with await asyncio.start_server(greet, HOST, 0, ssl=context) as server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(UnitLostError):
                await RemoteUnit.connect((HOST, port), connecting_context(OURS), VERSION)

    event_loop.run(meet())


def test_a_unit_of_another_version_is_not_taken(unit: Unit, event_loop: EventLoop) -> None:
    with pytest.raises(UnitLostError):
        event_loop.run(RemoteUnit.connect(address(unit), connecting_context(OURS), VERSION + 1))


@pytest.mark.parametrize(
    "sent",
    [
        struct.pack(">I", MAX_IMAGE_BYTES + 1) + b"x",
        struct.pack(">I", 0),
        b"\xff" * 64,
        b"GET / HTTP/1.1\r\n\r\n",
    ],
)
def test_a_frame_out_of_bounds_ends_its_connection_alone(
    unit: Unit, red: bytes, event_loop: EventLoop, sent: bytes
) -> None:
    with (
        socket.create_connection(address(unit)) as connection,
        connecting_context(OURS).wrap_socket(connection) as secure,
    ):
        length = frames.reply_length(secure.recv(4))
        assert frames.decode_welcome(secure.recv(length)).version_id == VERSION
        secure.sendall(sent)
        with suppress(ConnectionResetError):
            assert secure.recv(1) == b""
    assert event_loop.run(ask(unit, red)).prediction().detections[0].name == "red"


@pytest.mark.parametrize("sent", [b"", b"\x16\x03\x01\xff\xff", os.urandom(4096)])
def test_bytes_that_are_no_tls_reach_nothing(
    unit: Unit, red: bytes, event_loop: EventLoop, sent: bytes
) -> None:
    with socket.create_connection(address(unit)) as connection:
        connection.sendall(sent)
        assert event_loop.run(ask(unit, red)).prediction().detections[0].name == "red"


@pytest.mark.parametrize("body", [b"", b"\xc1", b"\x80", b"\x81\xa4type\xa5Ready"])
def test_replies_that_cannot_be_are_refused(body: bytes) -> None:
    with pytest.raises(frames.FrameError):
        frames.decode_reply(body)
    with pytest.raises(frames.FrameError):
        frames.decode_welcome(body)


def test_a_full_unit_refuses_and_its_own_server_counts_too(
    tmp_path: Path, red: bytes, event_loop: EventLoop
) -> None:
    unit = launch(tmp_path, burden=800)

    async def flood() -> list[UnitReply]:
        async with connected(unit) as far:
            await asyncio.gather(*(far.predict(red, 20) for _ in range(8)))  # opens connections
            local = [unit.predict(red, 20) for _ in range(2)]
            return await asyncio.gather(*local, *(far.predict(red, 20) for _ in range(8)))

    replies = [reply.timed.reply for reply in event_loop.run(flood())]
    assert {type(reply) for reply in replies} == {Answer, Busy}
    # One worked on, one waiting; what comes when the first is answered finds a seat again.
    assert sum(isinstance(reply, Busy) for reply in replies) >= 4
    assert event_loop.run(ask(unit, red)).prediction().detections[0].name == "red"
    unit.shut_down()
    assert unit.wait() == 0


def test_what_a_killed_unit_had_is_lost_at_once(
    tmp_path: Path, red: bytes, event_loop: EventLoop
) -> None:
    unit = launch(tmp_path)
    process = psutil.Process(unit.pid)

    async def lose() -> None:
        async with connected(unit) as remote:
            suspend(process)
            asking = asyncio.ensure_future(remote.predict(red, 600))
            await asyncio.sleep(0.1)
            unit.kill()
            with pytest.raises(UnitLostError):
                await asking

    event_loop.run(lose())
    unit.wait()


def test_a_unit_that_ends_answers_what_it_has(
    tmp_path: Path, red: bytes, event_loop: EventLoop
) -> None:
    unit = launch(tmp_path, burden=800)

    async def end() -> list[UnitReply]:
        async with connected(unit) as remote:
            under_way = await _seated(remote, red)
            unit.shut_down()
            return await asyncio.gather(*under_way)

    replies = event_loop.run(end())
    assert {reply.prediction().detections[0].name for reply in replies} == {"red"}
    assert unit.wait() == 0
    until(lambda: not _listens(unit))


async def _seated(remote: RemoteUnit, image: bytes) -> set[asyncio.Task[UnitReply]]:
    """Requests that a unit with two seats has by now: it refused a third one for them."""
    while True:
        asked = [asyncio.create_task(remote.predict(image, 20)) for _ in range(3)]
        done, under_way = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        if under_way and any(isinstance(one.result().timed.reply, Busy) for one in done):
            return under_way
        await asyncio.wait(asked)


def _listens(unit: Unit) -> bool:
    try:
        socket.create_connection(address(unit), 1).close()
    except OSError:
        return False
    return True
