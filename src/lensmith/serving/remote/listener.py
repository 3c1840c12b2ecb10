"""Unit side of connections by TCP: one thread each, as many as a few servers need."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress

from lensmith.serving.protocol import Busy, Reply
from lensmith.serving.remote.capacity import Capacity, UnitFullError
from lensmith.serving.remote.frames import (
    LENGTH,
    FrameError,
    Welcome,
    encode,
    image_length,
)

MAX_CONNECTIONS = 128
_HANDSHAKE_SECONDS = 5.0
_BODY_SECONDS = 20.0  # for the parts of an image file that follow its length
_SCRAP_BYTES = 64 << 10


class Listener:
    """Accepts servers that know the records' secret, and answers their images."""

    def __init__(
        self,
        listening: socket.socket,
        context: ssl.SSLContext,
        welcome: Welcome,
        answer: Callable[[memoryview], Reply],
        capacity: Capacity,
    ) -> None:
        self._listening = listening
        self._context = context
        self._welcome = encode(welcome)
        self._answer = answer
        self._capacity = capacity
        self._free = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._lock = threading.Lock()
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._idle: set[socket.socket] = set()  # wait for the next image
        self._is_closed = False
        self._thread = threading.Thread(target=self._accept, name="accept", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self, seconds: float) -> None:
        """Take no further image; returns when those under way are answered or time is over."""
        with self._lock:
            self._is_closed = True
            idle, threads = [*self._idle], [*self._connections.values()]
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for connection in idle:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(seconds)

    def _accept(self) -> None:
        while True:
            self._free.acquire()
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._follow, args=(connection,), daemon=True)
            with self._lock:
                if self._is_closed:
                    connection.close()
                    return
                self._connections[connection] = thread
            thread.start()

    def _follow(self, connection: socket.socket) -> None:
        try:
            connection.settimeout(_HANDSHAKE_SECONDS)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            with self._context.wrap_socket(connection.dup(), server_side=True) as secure:
                self._serve(secure, connection)
        except (OSError, FrameError):  # a stranger, a server that ended, one that is not ours
            return
        finally:
            with self._lock:
                del self._connections[connection]
            connection.close()
            self._free.release()

    def _serve(self, secure: ssl.SSLSocket, connection: socket.socket) -> None:
        secure.sendall(self._welcome)
        body = bytearray()
        while True:
            secure.settimeout(None)
            header = self._next_header(secure, connection)
            if header is None:
                return
            secure.settimeout(_BODY_SECONDS)
            length = image_length(header)
            if len(body) < length:
                body = bytearray(length)
            secure.sendall(encode(self._reply(secure, memoryview(body)[:length])))

    def _next_header(self, secure: ssl.SSLSocket, connection: socket.socket) -> bytes | None:
        with self._lock:
            if self._is_closed:
                return None
            self._idle.add(connection)
        try:
            header = bytearray(LENGTH.size)
            _receive_into(secure, memoryview(header))
        finally:
            with self._lock:
                self._idle.discard(connection)
        return bytes(header)

    def _reply(self, secure: ssl.SSLSocket, body: memoryview) -> Reply:
        try:
            with self._capacity.seat():
                _receive_into(secure, body)
                with self._capacity.slot():
                    return self._answer(body)
        except UnitFullError:
            _discard(secure, len(body))
            return Busy()


def _receive_into(secure: ssl.SSLSocket, wanted: memoryview) -> None:
    """Fill `wanted`; raises OSError at the end of the connection."""
    while wanted:
        received = secure.recv_into(wanted)
        if not received:
            raise ConnectionResetError
        wanted = wanted[received:]


def _discard(secure: ssl.SSLSocket, length: int) -> None:
    scrap = memoryview(bytearray(min(length, _SCRAP_BYTES)))
    while length:
        part = scrap[: min(length, len(scrap))]
        _receive_into(secure, part)
        length -= len(part)
