"""One slot of a unit: the unit predicts one image while the next waits in shared memory."""

from __future__ import annotations

import asyncio
import socket
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from lensmith.domain.errors import LensmithError
from lensmith.serving.protocol import Reply, ReplyDecoder, send_image
from lensmith.serving.shared_memory import Buffer

_RECEIVED_BYTES = 16 << 10  # of replies in one call; longer ones take another


class UnitLostError(LensmithError):
    """The process ended or no longer answers."""


class UnitLostWhileQueuedError(UnitLostError):
    """The unit was lost on another image; this one was only queued."""


@dataclass(frozen=True, slots=True)
class TimedReply:
    """The unit's reply to one image and the seconds it spent on it."""

    reply: Reply
    seconds: float


@dataclass(slots=True, eq=False)
class _Request:
    buffer: int  # its index
    timeout: float  # seconds
    reply: asyncio.Future[TimedReply]
    started_at: float = 0.0  # when the unit began with it, as far as is seen from here

    @property
    def deadline(self) -> float:
        return self.started_at + self.timeout


class ImageSlot:
    """Bound to the event loop of its first `predict`; `shut_down` and `close` are thread-safe."""

    def __init__(self, connection: socket.socket, buffers: Sequence[Buffer]) -> None:
        connection.setblocking(False)
        self._connection = connection
        self._buffers = tuple(buffers)
        self._free = list(range(len(self._buffers)))
        self._requests: deque[_Request] = deque()  # the unit works on the first
        self._decoder = ReplyDecoder()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_lost = False
        self.last_reply_at = time.monotonic()

    @property
    def free_buffers(self) -> int:
        """Number of images it still takes."""
        return len(self._free)

    async def predict(self, image: bytes, timeout: float) -> TimedReply:
        """Send an image file to the unit and wait for the reply; a buffer must be free.

        Raises UnitLostError if the unit works on it for more than `timeout` seconds; every
        request of this slot then fails.
        """
        loop = asyncio.get_running_loop()
        request = _Request(self._free.pop(), timeout, loop.create_future())
        try:
            self._buffers[request.buffer][: len(image)] = image
            send_image(self._connection, request.buffer, len(image))
            self._register_reader(loop)
        except (OSError, ValueError) as error:  # ValueError: it was closed meanwhile
            raise UnitLostError from error
        self._requests.append(request)
        if len(self._requests) == 1:
            self._start(request)
        return await request.reply

    def shut_down(self) -> None:
        """Shut down the connection: pending requests fail, the unit ends after its image."""
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # the unit closed it first

    def close(self) -> None:
        """Free socket and buffers; pending requests fail with UnitLostError."""
        if self._loop is not None and not self._loop.is_closed():
            try:
                self._loop.call_soon_threadsafe(self._fail_and_release)
            except RuntimeError:  # the loop closed meanwhile, and its requests with it
                pass
            else:
                return
        self._release()

    def _register_reader(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._is_lost:
            raise UnitLostError
        if self._loop is None:
            self._loop = loop
            loop.add_reader(self._connection.fileno(), self._on_readable)

    def _on_readable(self) -> None:
        try:
            received = self._connection.recv(_RECEIVED_BYTES)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        if not received:
            self._fail_all()
        for reply in self._decoder.feed(received):
            self._resolve(reply)

    def _resolve(self, reply: Reply) -> None:
        now = self.last_reply_at = time.monotonic()
        request = self._requests.popleft()
        self._free.append(request.buffer)
        if self._requests:
            self._start(self._requests[0])
        if not request.reply.done():
            request.reply.set_result(TimedReply(reply, now - request.started_at))

    def _start(self, request: _Request) -> None:
        request.started_at = time.monotonic()
        # One timer, moved on when it fires, not with every image: almost none takes that long.
        if self._timer is None:
            self._arm_timer(request.timeout)

    def _arm_timer(self, seconds: float) -> None:
        assert self._loop is not None
        self._timer = self._loop.call_later(seconds, self._check_deadline)

    def _check_deadline(self) -> None:
        self._timer = None
        if not self._requests:
            return
        left = self._requests[0].deadline - time.monotonic()
        if left > 0:
            self._arm_timer(left)
        else:
            self._fail_all()

    def _fail_all(self) -> None:
        if self._is_lost:
            return
        self._is_lost = True
        assert self._loop is not None
        self._loop.remove_reader(self._connection.fileno())
        for number, request in enumerate(self._requests):
            if not request.reply.done():
                error = UnitLostWhileQueuedError() if number else UnitLostError()
                request.reply.set_exception(error)
        self._requests.clear()

    def _fail_and_release(self) -> None:
        self._fail_all()
        self._release()

    def _release(self) -> None:
        self._connection.close()
        # Errors of failed requests refer to this slot until the garbage collector runs.
        for buffer in self._buffers:
            buffer.release()
