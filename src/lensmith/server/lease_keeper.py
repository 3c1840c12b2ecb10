"""Renews the leases of the jobs that this server's processes work on."""

from __future__ import annotations

import threading

import structlog

from lensmith.store.records import leases
from lensmith.store.records.engine import Records
from lensmith.store.records.leases import Lease

_RENEWALS = 3  # within the time of a lease

_log = structlog.get_logger(__name__)


class LeaseKeeper:
    """One thread in the server process."""

    def __init__(self, records: Records, lease: Lease) -> None:
        self._records = records
        self._lease = lease
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="leases", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._lease.seconds / _RENEWALS):
            try:
                self._renew()
            except Exception:  # noqa: BLE001 - the edge of the thread: the next time tries again
                _log.exception("leases not renewed")

    def _renew(self) -> None:
        with self._records.read() as connection:  # most often nothing runs, and nothing is written
            if not leases.has_own(connection, self._lease.owner):
                return
        with self._records.write() as connection:
            leases.renew(connection, self._lease)
