"""Connections to the object store that wait for their next request."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.http.object_stream import ObjectStream, new_buffer
from lensmith.gateway.http.store_connection import Patience, StoreConnection

T = TypeVar("T")

_KEPT = 64  # idle connections
_FRESH_SECONDS = 5.0
_START_SECONDS = 10.0
_AGAIN_SECONDS = 0.05
_PATIENCE = Patience()


class StorePool:
    """Opens connections to a Unix socket, and gives idle ones first."""

    def __init__(self, socket: Path, patience: Patience = _PATIENCE) -> None:
        """`patience` is for a store that is silent."""
        self._socket = str(socket)
        self._patience = patience
        self._idle: list[StoreConnection] = []
        self._idle_streams: list[ObjectStream] = []
        self._buffer = new_buffer()

    async def take(self) -> StoreConnection:
        """Return an idle connection or open one; raises S3Error when the store does not listen."""
        if self._idle:
            return self._idle.pop()
        return await self.open()

    async def take_fresh(self) -> StoreConnection:
        """As `take`, for a request that cannot be sent again: one that answered just now."""
        now = asyncio.get_running_loop().time()
        if self._idle and now - self._idle[-1].idle_since < _FRESH_SECONDS:
            return self._idle.pop()
        return await self.open()

    async def open(self) -> StoreConnection:
        """Open a connection, for a few seconds again where the store is starting."""
        loop = asyncio.get_running_loop()

        async def connect() -> StoreConnection:
            _, connection = await loop.create_unix_connection(
                lambda: StoreConnection(self._forget, self._patience), self._socket
            )
            return connection

        return await _patiently(connect)

    def idle_stream(self) -> ObjectStream | None:
        """Return an idle connection for an object, if there is one."""
        return self._idle_streams.pop() if self._idle_streams else None

    async def open_stream(self) -> ObjectStream:
        """Open a connection for an object."""

        async def connect() -> ObjectStream:
            connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connected.setblocking(False)
            try:
                await asyncio.get_running_loop().sock_connect(connected, self._socket)
            except BaseException:
                connected.close()
                raise
            seconds = self._patience.reading
            return ObjectStream(connected, self._buffer, self._forget_stream, seconds)

        return await _patiently(connect)

    def give_back_stream(self, stream: ObjectStream) -> None:
        """Keep a connection whose answer was passed on to its end; close any other."""
        if stream.is_idle and len(self._idle_streams) < _KEPT:
            self._idle_streams.append(stream)
        else:
            stream.close()

    def give_back(self, connection: StoreConnection) -> None:
        """Keep a connection whose answer was read to its end; close any other."""
        if connection.is_open and connection.is_idle and len(self._idle) < _KEPT:
            connection.pause(False)  # its reader may have stopped it at the very end
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle.append(connection)
        elif connection.is_open:
            connection.close()

    def close(self) -> None:
        for connection in [*self._idle]:
            connection.close()
        for stream in [*self._idle_streams]:
            stream.close()

    def _forget_stream(self, stream: ObjectStream) -> None:
        if stream in self._idle_streams:
            self._idle_streams.remove(stream)

    def _forget(self, connection: StoreConnection) -> None:
        if connection in self._idle:
            self._idle.remove(connection)


async def _patiently(connect: Callable[[], Awaitable[T]]) -> T:
    loop = asyncio.get_running_loop()
    until = loop.time() + _START_SECONDS
    while True:
        try:
            return await connect()
        except OSError as error:
            if loop.time() > until:
                raise S3Error("ServiceUnavailable") from error
            await asyncio.sleep(_AGAIN_SECONDS)
