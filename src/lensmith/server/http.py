"""Runs the HTTP server in a thread, so that signals stay with the main thread."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp

from lensmith.config import Settings
from lensmith.domain.errors import StartupError
from lensmith.server.limited_protocol import LimitedProtocol
from lensmith.server.listening import bind
from lensmith.wire.connections import ClientLimits, Connections, connection_limit
from lensmith.wire.tls import certificate_of
from lensmith.wire.tls_entrance import TlsEntrance

_SHUTDOWN_SECONDS = 5  # for requests that are being answered
_LOOP_SECONDS = 10  # for the loop to end after them


class HttpServer:
    """Binds its port when constructed, serves from `start` to `stop`."""

    def __init__(self, settings: Settings, on_end: Callable[[], None]) -> None:
        """Bind; `on_end` is called when serving ends.

        Raises StartupError if the port is taken, too few files may be open, or the certificate
        cannot be used.
        """
        self._limits = ClientLimits(seconds=settings.client_timeout_seconds)
        self._connections = Connections(connection_limit(settings.max_connections))
        self._certificate = certificate_of(settings.tls_certificate, settings.tls_key)
        self._socket = bind(settings.host, settings.port, "The API", "port")
        self._trusted_proxies = list(settings.trusted_proxies)
        self._on_end = on_end
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port it listens on: a free one, where 0 was asked for."""
        return int(self._socket.getsockname()[1])

    @property
    def thread_id(self) -> int:
        """The kernel's number of the thread that serves; 0 before it started."""
        return (self._thread and self._thread.native_id) or 0

    def start(self, app: ASGIApp) -> None:
        """Start serving; returns when the first request can be answered."""
        config = uvicorn.Config(
            app,
            http=cast(Any, self._connection),  # a factory is all that it needs
            ws="none",
            lifespan="on",  # an error in it ends the server; `auto` takes it for an app without one
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(self._trusted_proxies),
            forwarded_allow_ips=self._trusted_proxies,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, name="http", daemon=True)
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise StartupError("The HTTP server ended while it started.")
            time.sleep(0.01)

    def stop(self) -> None:
        """Drain running requests for up to 5 seconds, then close."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            # uvloop may not end a loop in which TLS is being shut down; a daemon is not awaited.
            self._thread.join(_SHUTDOWN_SECONDS + _LOOP_SECONDS)
        self._socket.close()

    def _connection(self, **given: Any) -> asyncio.Protocol:
        """Make the protocol of a new connection from what uvicorn gives."""
        make = partial(LimitedProtocol, self._limits, self._connections, **given)
        if self._certificate is None:
            return make()
        return TlsEntrance(make, self._certificate.context, self._connections, self._limits.seconds)

    def _serve(self) -> None:
        assert self._server is not None
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._on_end()
