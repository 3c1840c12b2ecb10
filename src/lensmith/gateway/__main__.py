"""`python -m lensmith.gateway FD`: the gateway's process, on a socket that its parent bound."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import cast

import structlog

from lensmith.config import Settings
from lensmith.domain.rate_limit import CallRates
from lensmith.gateway.answer import Gateway
from lensmith.gateway.grammar.address import Hosts
from lensmith.gateway.http.connection import ClientConnection
from lensmith.gateway.http.proxies import TrustedProxies
from lensmith.gateway.http.store_pool import StorePool
from lensmith.gateway.http.store_request import StoreSigner
from lensmith.gateway.object_cache import ObjectCache
from lensmith.gateway.services import Services
from lensmith.gateway.turn import Turn
from lensmith.processes.child_log import configure_child_log
from lensmith.processes.child_process import exit_with_parent
from lensmith.store.audit.trail import AuditTrail
from lensmith.store.internal_key import internal_key
from lensmith.store.internal_ports import ports_file
from lensmith.store.records.engine import Records
from lensmith.wire.connections import ClientLimits, Connections, connection_limit
from lensmith.wire.tls import certificate_of
from lensmith.wire.tls_entrance import TlsEntrance

_GRACE_SECONDS = 5.0
_GC_OBJECTS = 20_000  # a request leaves no cycles
_PAUSE_SECONDS = 0.02


def main() -> None:
    exit_with_parent()
    configure_child_log()
    settings = Settings.from_environment()
    os.chdir(ports_file(settings).parent)  # paths of sockets are short
    listening = socket.socket(fileno=int(sys.argv[1]))
    records = Records.of(settings)
    audit = AuditTrail.of(settings)
    audit.start()
    try:
        services = replace(services_of(settings, records), audit=audit)
        _run(serve(listening, services))
    finally:
        audit.stop()
        records.close()


def services_of(settings: Settings, records: Records) -> Services:
    """Put together what the gateway needs."""
    return Services(
        settings,
        records,
        StorePool(Path("s3.sock")),
        StoreSigner(*internal_key(records), settings.region),
        Hosts(["localhost", *settings.s3_domains]),
        settings.served_regions,
        Turn(records) if records.engine.dialect.name == "sqlite" else None,
        rates=CallRates.of(settings.key_rate, settings.account_rate),
        cache=ObjectCache(settings.s3_cache_bytes),
    )


async def serve(listening: socket.socket, services: Services) -> None:
    """Serve until SIGTERM; requests that are being answered get five seconds.

    Starts once the parent listens on the socket: by then every bucket is in the records.
    """
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    while not listening.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        if stopped.is_set():
            return
        await asyncio.sleep(_PAUSE_SECONDS)
    # Half of them: a request that is passed on needs a connection to the store, too.
    limit = (services.settings.max_connections or connection_limit(0)) // 2
    connections = Connections(max(limit, 50))
    limits = ClientLimits(seconds=services.settings.client_timeout_seconds)
    proxies = TrustedProxies(services.settings.trusted_proxies)
    gateway = Gateway(services)
    arrived = services.turn.begin if services.turn is not None else _nothing
    certificate = certificate_of(services.settings.tls_certificate, services.settings.tls_key)

    def plain() -> asyncio.Protocol:
        return ClientConnection(gateway.answer, connections, limits, proxies, arrived)

    def secured() -> asyncio.Protocol:
        assert certificate is not None
        return TlsEntrance(plain, certificate.context, connections, limits.seconds)

    server = await loop.create_server(
        plain if certificate is None else secured, sock=listening, backlog=1024
    )
    gc.collect()
    gc.freeze()  # of what was imported nothing becomes garbage
    gc.set_threshold(_GC_OBJECTS)
    structlog.get_logger(__name__).info("gateway serves")
    await stopped.wait()
    server.close()
    for connection in connections:
        cast(ClientConnection, connection).stop()
    until = loop.time() + _GRACE_SECONDS
    while connections and loop.time() < until:
        await asyncio.sleep(_PAUSE_SECONDS)
    services.store.close()


def _nothing() -> None:
    pass


def _run(serving: object) -> None:
    try:
        import uvloop
    except ImportError:  # no wheel for Windows
        asyncio.run(serving)  # type: ignore[arg-type]
    else:
        uvloop.run(serving)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
