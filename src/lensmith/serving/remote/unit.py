"""Server side of a unit on another machine: connections by TCP, one for each request at once."""

from __future__ import annotations

import asyncio
import ssl
import time
from dataclasses import dataclass

from lensmith.domain.precision import Served
from lensmith.serving.image_slot import TimedReply, UnitLostError, UnitLostWhileQueuedError
from lensmith.serving.protocol import Reply
from lensmith.serving.remote.frames import (
    LENGTH,
    FrameError,
    Welcome,
    decode_reply,
    decode_welcome,
    reply_length,
)
from lensmith.serving.remote.keepalive import notice_death
from lensmith.serving.shared_memory import BUFFERS_PER_SLOT
from lensmith.serving.unit import UnitReply

CONNECT_SECONDS = 3.0


@dataclass(slots=True, eq=False)
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def receive(self) -> bytes:
        header = await self.reader.readexactly(LENGTH.size)
        return await self.reader.readexactly(reply_length(header))

    def close(self) -> None:
        self.writer.transport.abort()


class RemoteUnit:
    """Belongs to the event loop in which it was connected; only `kill` is thread-safe."""

    def __init__(
        self,
        address: tuple[str, int],
        context: ssl.SSLContext,
        welcome: Welcome,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._address = address
        self._context = context
        self._welcome = welcome
        self._loop = loop
        self._connections: set[_Connection] = set()
        self._idle: list[_Connection] = []
        self._is_lost = False
        self._is_silent = False
        self.last_reply_at = time.monotonic()

    @classmethod
    async def connect(
        cls, address: tuple[str, int], context: ssl.SSLContext, version_id: int
    ) -> RemoteUnit:
        """Open the first connection; raises UnitLostError.

        Another unit may have the port by now: one that serves another version is not taken.
        """
        connection, welcome = await _open(address, context)
        if welcome.version_id != version_id:
            connection.close()
            raise UnitLostError
        unit = cls(address, context, welcome, asyncio.get_running_loop())
        unit._connections.add(connection)
        unit._idle.append(connection)
        return unit

    @property
    def slots(self) -> int:
        """Number of images it works on at once, for all servers together."""
        return self._welcome.slots

    @property
    def prefetch(self) -> int:
        """Number of further images that it queues."""
        return self._welcome.slots * (BUFFERS_PER_SLOT - 1)

    @property
    def served(self) -> Served:
        """The variant of the model that it serves."""
        return self._welcome.served

    @property
    def seconds(self) -> float:
        """Seconds of the network for a picture, as it measured them."""
        return self._welcome.served.seconds

    async def predict(self, image: bytes, seconds: float) -> UnitReply:
        """Predict an image file of at most MAX_IMAGE_BYTES bytes.

        Raises UnitLostError if the connection breaks, and UnitLostWhileQueuedError where none could
        be opened: nothing was sent then. Raises UnitLostError, too, if it takes more than
        `seconds`: then all others of this server fail with UnitLostWhileQueuedError: at once, or
        when the connections that they open fail.
        """
        began = time.monotonic()
        try:
            async with asyncio.timeout(seconds):
                reply = await self._exchange(image)
        except TimeoutError as error:  # the unit hangs, or TCP says that its machine is gone
            self._is_silent = True
            self._close()
            raise UnitLostError from error
        except (OSError, EOFError, FrameError) as error:
            raise UnitLostWhileQueuedError if self._is_silent else UnitLostError from error
        now = self.last_reply_at = time.monotonic()
        return UnitReply(TimedReply(reply, now - began), self._welcome.thresholds)

    def lose(self) -> None:
        """Take no further request; those under way go on, each on its own connection."""
        self._is_lost = True
        while self._idle:
            self._drop(self._idle.pop())

    def kill(self) -> None:
        """Close every connection: requests under way fail with UnitLostError."""
        try:
            self._loop.call_soon_threadsafe(self._close)
        except RuntimeError:  # the loop ended, and the connections with it
            return

    async def _exchange(self, image: bytes) -> Reply:
        connection = self._idle.pop() if self._idle else await self._further()
        try:
            connection.writer.write(LENGTH.pack(len(image)))
            connection.writer.write(image)
            await connection.writer.drain()
            reply = decode_reply(await connection.receive())
        except BaseException:
            self._drop(connection)
            raise
        if self._is_lost:
            self._drop(connection)
        else:
            self._idle.append(connection)
        return reply

    def _drop(self, connection: _Connection) -> None:
        self._connections.discard(connection)
        connection.close()

    async def _further(self) -> _Connection:
        if self._is_lost:
            raise UnitLostWhileQueuedError
        try:
            connection, welcome = await _open(self._address, self._context)
        except UnitLostError as error:  # or slow; nothing of the image was sent
            raise UnitLostWhileQueuedError from error
        if self._is_lost or welcome.version_id != self._welcome.version_id:
            connection.close()
            raise UnitLostWhileQueuedError
        self._connections.add(connection)
        return connection

    def _close(self) -> None:
        self._is_lost = True
        self._idle.clear()
        while self._connections:
            self._connections.pop().close()


async def _open(address: tuple[str, int], context: ssl.SSLContext) -> tuple[_Connection, Welcome]:
    """Connect and greet; raises UnitLostError."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            streams = await asyncio.open_connection(*address, ssl=context)
            connection = _Connection(*streams)
            try:
                notice_death(streams[1].get_extra_info("socket"))
                return connection, decode_welcome(await connection.receive())
            except BaseException:
                connection.close()
                raise
    except (OSError, EOFError, FrameError) as error:
        raise UnitLostError from error
