"""Takes the TLS handshakes of a port whose clients have proved nothing yet.

A connection is counted from its first packet and may be closed for another one; its handshake has
to end in time. A server's own `ssl` would count it only after the handshake.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import Callable
from typing import cast

from lensmith.wire.connections import Connections


class TlsEntrance(asyncio.Protocol):
    """One connection of a listening socket without TLS, until it speaks TLS."""

    def __init__(
        self,
        make: Callable[[], asyncio.Protocol],
        context: ssl.SSLContext,
        connections: Connections,
        seconds: float,
    ) -> None:
        """`make` makes the protocol that goes on; the handshake may take `seconds`."""
        self._make, self._context = make, context
        self._connections, self._seconds = connections, seconds
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()
        self._socket: socket.socket | None = None
        self._handshake: asyncio.Task[None] | None = None  # held, so that it is not collected

    @property
    def eviction_rank(self) -> tuple[bool, float] | None:
        """Rank for `Connections`: no caller is proved."""
        return False, self._since

    def evict(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """Close it: the server ends."""
        self.evict()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._connections.admit(self):
            # The loop takes the connection anew: `start_tls` would lose bytes that came meanwhile.
            given = transport.get_extra_info("socket")
            self._socket = socket.socket(fileno=os.dup(given.fileno()))
            self._socket.setblocking(False)
            self._handshake = self._loop.create_task(self._begin(self._socket))
        cast(asyncio.Transport, transport).abort()

    async def _begin(self, accepted: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(
                lambda: _Secured(self._go_on),
                accepted,
                ssl=self._context,
                ssl_handshake_timeout=self._seconds,
            )
        except (OSError, ssl.CertificateError):  # no TLS, too slow, evicted
            accepted.close()
        finally:
            self._leave()

    def _go_on(self) -> asyncio.Protocol:
        self._leave()
        return self._make()

    def _leave(self) -> None:
        self._connections.discard(self)
        self._socket = None


class _Secured(asyncio.Protocol):
    """Gives way to the protocol that goes on, which counts itself, when the handshake ends."""

    def __init__(self, make: Callable[[], asyncio.Protocol]) -> None:
        self._make = make

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        protocol = self._make()
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
