"""Objects on their way from the store to clients, from socket to socket."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable

_MAX_HEAD = 64 << 10
_HEAD_BYTES = 4096  # searched first for the end of a head
_BUFFER_BYTES = 256 << 10
_TURN_BYTES = 2 << 20  # moved before other connections have their turn
_LOOKS = 5  # at a silent store, until its time is over
_MORE: int = getattr(socket, "MSG_MORE", 0)  # further bytes follow at once

Answered = Callable[[bytes, memoryview], None]
Moved = Callable[[bool], None]
Stalled = Callable[[bool], None]
Copy = Callable[[memoryview], None]


def new_buffer() -> memoryview:
    """Return the buffer that the streams of one event loop share.

    Each passes on what it received before another receives; so it stays in the processor's cache.
    """
    return memoryview(bytearray(_BUFFER_BYTES))


def duplicate(transport: asyncio.BaseTransport) -> socket.socket:
    """Return a socket of its own for a transport's connection.

    The transport's descriptor may be closed, and given to another file, before it says so.
    """
    given = transport.get_extra_info("socket")
    return socket.socket(given.family, given.type, given.proto, os.dup(given.fileno()))


class ObjectStream:
    """Sends one request at a time to the store; the body of its answer goes to a client's socket.

    Works by callbacks, bound to one event loop: an object's first and last bytes are milliseconds
    apart, and a task would wake for each. Of a body it keeps what the client does not take yet, at
    most the shared buffer's size.
    """

    def __init__(
        self,
        connected: socket.socket,
        buffer: memoryview,
        lost: Callable[[ObjectStream], None],
        seconds: float,
    ) -> None:
        """`seconds` is how long the store may be silent; `lost` is called at the end."""
        self._socket = connected
        self._fd = connected.fileno()
        self._buffer = buffer
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._head = b""
        self._left = 0  # to come from the store
        self._kept: bytes | memoryview = b""  # for the client, which took no more
        self._client = connected  # until there is one
        self._waits_for_client = False
        self._answered: Answered | None = None
        self._moved: Moved | None = None
        self._copy: Copy | None = None
        self._stalled: Stalled = _ignore
        self.is_open = True
        self.used = False  # has answered before
        self.was_silent = False  # for too long, and was closed for it
        self._seconds = seconds
        self._heard_at = 0.0
        self._timer = self._loop.call_later(seconds / _LOOKS, self._look)
        self._loop.add_reader(self._fd, self._on_readable)

    def ask(self, head: bytes, answered: Answered) -> None:
        """Send a request without a body; its answer's head and the first of its body come back.

        `answered` gets an empty head when the connection was lost. What it gets of the body is
        overwritten after it returned.
        """
        self._answered = answered
        self._heard_at = self._loop.time()
        try:
            if self._socket.send(head) != len(head):
                self.close()
        except OSError:
            self.close()

    def pass_on(
        self,
        head: bytes,
        first: memoryview,
        left: int,
        client: socket.socket,
        stalled: Stalled,
        moved: Moved,
        copy: Copy | None = None,
    ) -> None:
        """Send a head, the first of a body and the `left` bytes that are to come of it.

        `stalled` is called when the client takes no more for now, and when it does again; `moved`
        at the end, with whether all went. `copy` gets each piece of the body, too.
        """
        self._left, self._client = left, client
        self._stalled, self._moved, self._copy = stalled, moved, copy
        if copy is not None:
            copy(first)
        try:
            went = client.sendmsg((head, first), (), _MORE if left else 0)
        except BlockingIOError:
            went = 0
        except OSError:
            self.close()
            return
        if went < len(head) + len(first):
            self._keep(_rest(head, first, went))
        elif left:
            self._move()
        else:
            self._end()

    @property
    def is_idle(self) -> bool:
        """Whether a next request may be sent."""
        return self.is_open and not (self._left or self._kept)

    def close(self) -> None:
        if not self.is_open:
            return
        self.is_open = False
        self._timer.cancel()
        self._loop.remove_reader(self._fd)
        if self._waits_for_client:
            self._loop.remove_writer(self._client)
        self._socket.close()
        self._lost(self)
        answered, self._answered = self._answered, None
        moved, self._moved = self._moved, None
        if answered is not None:
            answered(b"", self._buffer[:0])
        if moved is not None:
            moved(False)

    def _look(self) -> None:
        """Close it when the store says nothing that it owes; its time ends a look later at most."""
        owes = (self._answered is not None or self._left) and not self._waits_for_client
        if owes and self._loop.time() - self._heard_at >= self._seconds:
            self.was_silent = True
            self.close()
        else:
            self._timer = self._loop.call_later(self._seconds / _LOOKS, self._look)

    def _on_readable(self) -> None:
        if self._left:
            self._move()
        elif self._answered is not None:
            self._read_head(self._answered)
        else:
            self.close()  # nothing was asked: the store closed it

    def _read_head(self, answered: Answered) -> None:
        before = len(self._head)
        self._buffer[:before] = self._head
        try:
            size = self._socket.recv_into(self._buffer[before:] if before else self._buffer)
        except BlockingIOError:
            return
        except OSError:
            size = 0
        arrived = before + size
        head = bytes(self._buffer[: min(arrived, _HEAD_BYTES)])
        end = head.find(b"\r\n\r\n")
        if end < 0 and arrived > _HEAD_BYTES:
            head = bytes(self._buffer[:arrived])
            end = head.find(b"\r\n\r\n")
        if not size or (end < 0 and arrived > _MAX_HEAD):
            self.close()
        elif end < 0:
            self._head = head
        else:
            self._head = b""
            self._answered = None
            self.used = True
            answered(head[:end], self._buffer[end + 4 : arrived])

    def _move(self) -> None:
        turn = _TURN_BYTES
        self._heard_at = self._loop.time()
        try:
            while turn > 0 and self._left:
                wanted = min(self._left, _BUFFER_BYTES)
                came = self._socket.recv_into(self._buffer, wanted)
                if not came:
                    raise ConnectionResetError("the store closed the connection")
                self._left -= came
                turn -= came
                if self._copy is not None:
                    self._copy(self._buffer[:came])
                if not self._send(self._buffer[:came]):
                    return
        except BlockingIOError:
            return
        except OSError:
            self.close()
            return
        if not self._left:
            self._end()

    def _send(self, piece: bytes | memoryview) -> bool:
        """Send a piece; False when some of it had to be kept."""
        try:
            went = self._client.send(piece, _MORE if self._left else 0)
        except BlockingIOError:
            went = 0
        if went == len(piece):
            return True
        self._keep(_rest(b"", piece, went))
        return False

    def _keep(self, rest: bytes | memoryview) -> None:
        self._kept = rest
        if not self._waits_for_client:
            self._waits_for_client = True
            self._loop.remove_reader(self._fd)
            self._loop.add_writer(self._client, self._on_writable)
            self._stalled(True)

    def _on_writable(self) -> None:
        self._stalled(True)  # from now on, should it take no more than a part
        rest, self._kept = self._kept, b""
        try:
            if not self._send(rest):
                return
        except OSError:
            self.close()
            return
        self._waits_for_client = False
        self._loop.remove_writer(self._client)
        self._loop.add_reader(self._fd, self._on_readable)
        self._stalled(False)
        if self._left:
            self._move()
        else:
            self._end()

    def _end(self) -> None:
        moved, self._moved = self._moved, None
        if moved is not None:
            moved(True)


def _rest(head: bytes, first: bytes | memoryview, went: int) -> bytes | memoryview:
    """Return what did not go: of the shared buffer a copy."""
    if went < len(head):
        return b"".join((head, first))[went:]
    rest = memoryview(first)[went - len(head) :]
    return rest if rest.readonly else bytes(rest)


def _ignore(_: bool) -> None:
    pass
