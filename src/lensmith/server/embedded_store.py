"""The embedded object store and the gateway before it, kept running."""

from __future__ import annotations

import os
import sys
import time
from contextlib import closing
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPSConnection

from lensmith.config import Settings
from lensmith.domain.errors import StartupError
from lensmith.gateway.adoption import adopt_buckets
from lensmith.processes import child_process
from lensmith.processes.restarting import RestartingProcess
from lensmith.server.listening import bind
from lensmith.server.store_recovery import StoreRecovery
from lensmith.store.objects import ObjectStores
from lensmith.store.records.engine import Records
from lensmith.store.seaweed.child import Seaweed
from lensmith.store.seaweed.kept import KeptSeaweed
from lensmith.wire.tls import unverified_context

_GRACE_SECONDS = 6.0
_START_SECONDS = 60.0
_BACKLOG = 1024
_CORES_A_GATEWAY = 4
_MAX_GATEWAYS = 4


class EmbeddedStore:
    """SeaweedFS, and the gateway's processes, which share the S3 port."""

    def __init__(self, settings: Settings, records: Records, objects: ObjectStores) -> None:
        """Bind the S3 port; raises StartupError when it is taken."""
        self._settings = settings
        self._records = records
        self._objects = objects
        seaweed = Seaweed(settings, records)
        self._store = KeptSeaweed(seaweed)
        self._recovery = StoreRecovery(
            settings.run_directory / "seaweed.log",
            seaweed.objects_directory,
            self._store.restart,
        )
        self._socket = bind(settings.host, settings.s3_port, "S3", "s3-port")
        self._gateways = [self._gateway(number) for number in range(_gateways())]

    def start(self) -> None:
        """Start all and wait until S3 answers; raises StartupError if it does not."""
        self._store.start()
        gateways = [gateway.start() for gateway in self._gateways]  # meanwhile they import
        self._store.wait_until_ready()
        adopt_buckets(self._settings, self._records, self._objects.internal())
        self._socket.listen(_BACKLOG)  # connections wait while a gateway starts again
        for gateway in gateways:
            self._wait_until_ready(gateway)
        self._recovery.start()

    def stop(self) -> None:
        self._recovery.stop()
        for gateway in self._gateways:
            gateway.stop()
        self._store.stop()
        self._socket.close()

    def _wait_until_ready(self, process: child_process.Child) -> None:
        """Wait for the first answer; raises StartupError if the process ends before it."""
        host = self._settings.reachable_host.strip("[]")
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(host, self._settings):
            if process.poll() is not None or time.monotonic() > deadline:
                log = self._settings.run_directory / "gateway.log"
                raise StartupError(f"The S3 gateway did not start; see {log}.")
            time.sleep(0.02)

    def _gateway(self, number: int) -> RestartingProcess:
        def start() -> child_process.Child:
            return child_process.spawn(
                [sys.executable, "-m", "lensmith.gateway", str(self._socket.fileno())],
                self._settings.to_environment(),
                self._settings.run_directory / "gateway.log",
                pass_fds=[self._socket.fileno()],
                die_with_thread=True,  # one that notices late would keep the port from a new server
            )

        return RestartingProcess(
            f"gateway {number}", start, partial(child_process.stop, grace_seconds=_GRACE_SECONDS)
        )


def _answers(host: str, settings: Settings) -> bool:
    with closing(_client(host, settings)) as client:
        try:
            client.request("GET", "/")
            client.getresponse().read()
        except (OSError, HTTPException):
            return False
    return True


def _client(host: str, settings: Settings) -> HTTPConnection:
    if settings.tls_certificate:
        context = unverified_context()
        return HTTPSConnection(host, settings.s3_port, timeout=1, context=context)
    return HTTPConnection(host, settings.s3_port, timeout=1)


def _gateways() -> int:
    cores = os.cpu_count() or 1
    return max(1, min(_MAX_GATEWAYS, cores // _CORES_A_GATEWAY))
