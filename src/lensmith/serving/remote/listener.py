"""Unit side of connections by TCP: one thread each, as many as a few servers need."""

from __future__ import annotations

import socket
import ssl
import threading
import time
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
from lensmith.serving.remote.keepalive import notice_death

MAX_CONNECTIONS = 128
_HANDSHAKE_SECONDS = 5.0
_BODY_SECONDS = 20.0  # for the image file that follows its length
_REPLY_SECONDS = 20.0  # for the parts of a reply
_ACCEPT_PAUSE_SECONDS = 0.1  # after an error, as for want of descriptors
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
        body_seconds: float = _BODY_SECONDS,
        handshake_seconds: float = _HANDSHAKE_SECONDS,
        max_connections: int = MAX_CONNECTIONS,
    ) -> None:
        self._body_seconds = body_seconds
        self._handshake_seconds = handshake_seconds
        self._listening = listening
        self._context = context
        self._welcome = encode(welcome)
        self._answer = answer
        self._capacity = capacity
        self._free = threading.BoundedSemaphore(max_connections)
        self._lock = threading.Lock()
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._strangers: dict[socket.socket, None] = {}  # in their handshake, oldest first
        self._idle: set[socket.socket] = set()  # wait for the next image
        self._is_closed = False
        self._thread = threading.Thread(target=self._accept, name="accept", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def connections(self) -> int:
        """Number of connections of servers that have shown who they are."""
        with self._lock:
            return len(self._connections) - len(self._strangers)

    def close(self, seconds: float) -> None:
        """Take no further image; returns when those under way are answered or time is over."""
        with self._lock:
            self._is_closed = True
            silent = [*self._idle, *self._strangers]
            threads = [*self._connections.values()]
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for connection in silent:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        deadline = time.monotonic() + seconds
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:  # of one connection, or the end
                if self._is_closed:
                    return
                time.sleep(_ACCEPT_PAUSE_SECONDS)
                continue
            self._take_place()
            thread = threading.Thread(target=self._follow, args=(connection,), daemon=True)
            with self._lock:
                if self._is_closed:
                    connection.close()
                    return
                thread.start()  # waits for the lock before it ends
                self._connections[connection] = thread
                self._strangers[connection] = None

    def _take_place(self) -> None:
        """Wait for a place; the connection that is longest in its handshake leaves for it."""
        if self._free.acquire(blocking=False):
            return
        with self._lock:
            for oldest in [*self._strangers][:1]:
                del self._strangers[oldest]
                with suppress(OSError):  # it has ended
                    oldest.shutdown(socket.SHUT_RDWR)
        self._free.acquire()

    def _follow(self, connection: socket.socket) -> None:
        try:
            connection.settimeout(self._handshake_seconds)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            notice_death(connection)
            with self._context.wrap_socket(connection.dup(), server_side=True) as secure:
                with self._lock:
                    self._strangers.pop(connection, None)
                self._serve(secure, connection)
        except (OSError, FrameError):  # a stranger, a server that ended, one that is not ours
            return
        finally:
            with self._lock:
                self._strangers.pop(connection, None)
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
            length = image_length(header)
            if len(body) < length:
                body = bytearray(length)
            reply = self._reply(secure, memoryview(body)[:length])
            secure.settimeout(_REPLY_SECONDS)
            secure.sendall(encode(reply))

    def _next_header(self, secure: ssl.SSLSocket, connection: socket.socket) -> bytes | None:
        with self._lock:
            if self._is_closed:
                return None
            self._idle.add(connection)
        try:
            header = bytearray(LENGTH.size)
            receive_into(secure, memoryview(header))
        finally:
            with self._lock:
                self._idle.discard(connection)
        return bytes(header)

    def _reply(self, secure: ssl.SSLSocket, body: memoryview) -> Reply:
        deadline = time.monotonic() + self._body_seconds
        try:
            with self._capacity.seat():
                receive_into(secure, body, deadline)
                with self._capacity.slot():
                    return self._answer(body)
        except UnitFullError:
            _discard(secure, len(body), deadline)
            return Busy()


def receive_into(secure: ssl.SSLSocket, wanted: memoryview, deadline: float | None = None) -> None:
    """Fill `wanted`; raises OSError at the end of the connection, or of the time."""
    while wanted:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            secure.settimeout(left)
        received = secure.recv_into(wanted)
        if not received:
            raise ConnectionResetError
        wanted = wanted[received:]


def _discard(secure: ssl.SSLSocket, length: int, deadline: float) -> None:
    scrap = memoryview(bytearray(min(length, _SCRAP_BYTES)))
    while length:
        part = scrap[: min(length, len(scrap))]
        receive_into(secure, part, deadline)
        length -= len(part)
