"""A listener without a unit's process, for peers that are slow and errors of the system."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.support.eventually import until

from lensmith.domain.precision import Precision, Served
from lensmith.serving.protocol import Answer
from lensmith.serving.remote import frames
from lensmith.serving.remote.capacity import Capacity
from lensmith.serving.remote.credentials import credentials_of
from lensmith.serving.remote.listener import Listener
from lensmith.serving.remote.tls import accepting_context, connecting_context

CREDENTIALS = credentials_of(bytes(32))
WELCOME = frames.Welcome(7, {}, Served(Precision.FLOAT32, "onnxruntime", 0.01), slots=1)
HOST = "127.0.0.1"


class OddSocket(socket.socket):
    """A listening socket on which the system reports an error of one connection first."""

    is_odd = True

    def accept(self) -> tuple[socket.socket, object]:
        if self.is_odd:
            self.is_odd = False
            raise OSError(errno.ECONNABORTED, "Software caused connection abort")
        return super().accept()


PLACES = 4  # of connections


@contextmanager
def listening(
    server: socket.socket, body_seconds: float = 20.0, handshake_seconds: float = 20.0
) -> Iterator[tuple[int, Listener]]:
    """A listener with one seat; yields its port, too."""
    context = accepting_context(CREDENTIALS)
    capacity = Capacity(slots=1, prefetch=0)
    listener = Listener(
        server,
        context,
        WELCOME,
        lambda _: Answer(()),
        capacity,
        max_connections=PLACES,
        body_seconds=body_seconds,
        handshake_seconds=handshake_seconds,
    )
    port = int(server.getsockname()[1])
    listener.start()
    try:
        yield port, listener
    finally:
        listener.close(20)


@contextmanager
def connected(port: int) -> Iterator[ssl.SSLSocket]:
    """A greeted connection."""
    with (
        socket.create_connection((HOST, port), 20) as connection,
        connecting_context(CREDENTIALS).wrap_socket(connection) as secure,
    ):
        frames.decode_welcome(_frame(secure))
        yield secure


def _frame(secure: ssl.SSLSocket) -> bytes:
    left = frames.reply_length(_received(secure, frames.LENGTH.size))
    return _received(secure, left)


def _received(secure: ssl.SSLSocket, length: int) -> bytes:
    found = b""
    while len(found) < length:
        part = secure.recv(length - len(found))
        assert part
        found += part
    return found


def _ask(port: int) -> object:
    with connected(port) as secure:
        secure.sendall(frames.LENGTH.pack(1) + b"x")
        return frames.decode_reply(_frame(secure))


def test_an_error_of_one_connection_ends_no_other() -> None:
    with (
        socket.create_server((HOST, 0)) as server,
        listening(OddSocket(fileno=server.detach())) as (port, _),
    ):
        assert _ask(port) == Answer(())


def test_a_server_that_sends_a_file_drop_by_drop_loses_its_seat() -> None:
    with listening(socket.create_server((HOST, 0)), body_seconds=0.2) as (port, _):
        with connected(port) as slow:
            slow.sendall(frames.LENGTH.pack(1 << 20))
            slow.settimeout(0.05)
            while _takes_more(slow):
                pass
        assert _ask(port) == Answer(())


def test_strangers_in_their_handshake_give_way_and_hold_up_no_end() -> None:
    with (
        listening(socket.create_server((HOST, 0)), handshake_seconds=600) as (port, listener),
        ExitStack() as silent,
    ):
        strangers = [
            silent.enter_context(socket.create_connection((HOST, port), 20))
            for _ in range(2 * PLACES)
        ]
        with connected(port):
            for _ in range(PLACES):
                assert _ask(port) == Answer(())
            # Only those of servers count: they alone keep an actor of Ray whose leader is gone.
            until(lambda: listener.connections, lambda found: found == 1)
        until(lambda: listener.connections, lambda found: found == 0)
        assert strangers[0].recv(1) == b""


def _takes_more(secure: ssl.SSLSocket) -> bool:
    try:
        secure.sendall(b"x")
        return secure.recv(1) != b""
    except TimeoutError:
        return True
    except OSError:
        return False
